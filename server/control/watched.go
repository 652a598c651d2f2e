package control

import (
	"strings"

	"github.com/headrace/headrace/fsm/state"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
	eventv1 "github.com/headrace/headrace/proto/headrace/event/v1"
)

// watched translates an event for those who watch: what happened to whom, by whom, and never a user's text. What only
// the servers need makes nil. The view is that after the event, or a newer one.
func watched(view *state.View, event *eventv1.Event) *controlv1.WatchEventsResponse {
	for _, translate := range []func(*state.View, *eventv1.Event) *controlv1.WatchEventsResponse{
		ofApplications, ofRuns, ofAttempts, ofWorkers, ofSlots, ofNodes, ofAccessKeys,
	} {
		if m := translate(view, event); m != nil {
			m.By = askedBy(event)
			return m
		}
	}
	return nil
}

// askedBy returns who asked for what an event says; empty: nobody did.
func askedBy(event *eventv1.Event) string {
	switch e := event.GetFact().(type) {
	case *eventv1.Event_ApplicationCreated:
		return e.ApplicationCreated.GetCreatedBy()
	case *eventv1.Event_ApplicationStateChanged:
		return e.ApplicationStateChanged.GetChangedBy()
	case *eventv1.Event_ApplicationUpdated:
		return e.ApplicationUpdated.GetUpdatedBy()
	case *eventv1.Event_ApplicationTagged:
		return e.ApplicationTagged.GetTaggedBy()
	case *eventv1.Event_JobRunSubmitted:
		return e.JobRunSubmitted.GetCreatedBy()
	case *eventv1.Event_JobRunTagged:
		return e.JobRunTagged.GetTaggedBy()
	case *eventv1.Event_JobRunCancelRequested:
		return e.JobRunCancelRequested.GetRequestedBy()
	case *eventv1.Event_NodeApproved:
		return e.NodeApproved.GetApprovedBy()
	case *eventv1.Event_NodeForgotten:
		return e.NodeForgotten.GetForgottenBy()
	case *eventv1.Event_ReleaseAdded:
		return e.ReleaseAdded.GetAddedBy()
	case *eventv1.Event_AccessKeyCreated:
		return e.AccessKeyCreated.GetCreatedBy()
	case *eventv1.Event_AccessKeyRevoked:
		return e.AccessKeyRevoked.GetRevokedBy()
	}
	return ""
}

func ofApplications(_ *state.View, event *eventv1.Event) *controlv1.WatchEventsResponse {
	switch e := event.GetFact().(type) {
	case *eventv1.Event_ApplicationCreated:
		return &controlv1.WatchEventsResponse{Kind: "ApplicationCreated", ApplicationId: e.ApplicationCreated.GetApplicationId(), State: "CREATED"}
	case *eventv1.Event_ApplicationStateChanged:
		return &controlv1.WatchEventsResponse{Kind: "ApplicationStateChanged", ApplicationId: e.ApplicationStateChanged.GetApplicationId(),
			State: strings.TrimPrefix(e.ApplicationStateChanged.GetTo().String(), "APPLICATION_STATE_")}
	case *eventv1.Event_ApplicationUpdated:
		return &controlv1.WatchEventsResponse{Kind: "ApplicationUpdated", ApplicationId: e.ApplicationUpdated.GetApplicationId()}
	case *eventv1.Event_ApplicationTagged:
		return &controlv1.WatchEventsResponse{Kind: "ApplicationTagged", ApplicationId: e.ApplicationTagged.GetApplicationId()}
	}
	return nil
}

func ofRuns(view *state.View, event *eventv1.Event) *controlv1.WatchEventsResponse {
	switch e := event.GetFact().(type) {
	case *eventv1.Event_JobRunSubmitted:
		return ofRun(view, "JobRunSubmitted", e.JobRunSubmitted.GetJobRunId(), 1, "SUBMITTED")
	case *eventv1.Event_JobRunQueued:
		return ofRun(view, "JobRunQueued", e.JobRunQueued.GetJobRunId(), 0, "QUEUED")
	case *eventv1.Event_JobRunTagged:
		return ofRun(view, "JobRunTagged", e.JobRunTagged.GetJobRunId(), 0, "")
	case *eventv1.Event_JobRunAdmitted:
		return ofRun(view, "JobRunAdmitted", e.JobRunAdmitted.GetJobRunId(), 0, "PENDING")
	case *eventv1.Event_JobRunCancelRequested:
		return ofRun(view, "JobRunCancelRequested", e.JobRunCancelRequested.GetJobRunId(), 0, "CANCELLING")
	case *eventv1.Event_JobRunEnded:
		return ofRun(view, "JobRunEnded", e.JobRunEnded.GetJobRunId(), 0, strings.TrimPrefix(e.JobRunEnded.GetState().String(), "JOB_RUN_STATE_"))
	}
	return nil
}

func ofAttempts(view *state.View, event *eventv1.Event) *controlv1.WatchEventsResponse {
	switch e := event.GetFact().(type) {
	case *eventv1.Event_AttemptCreated:
		return ofRun(view, "AttemptCreated", e.AttemptCreated.GetJobRunId(), e.AttemptCreated.GetAttempt(), "PENDING")
	case *eventv1.Event_AttemptScheduled:
		return ofRun(view, "AttemptScheduled", e.AttemptScheduled.GetJobRunId(), e.AttemptScheduled.GetAttempt(), "SCHEDULED")
	case *eventv1.Event_AttemptRunning:
		return ofRun(view, "AttemptRunning", e.AttemptRunning.GetJobRunId(), e.AttemptRunning.GetAttempt(), "RUNNING")
	case *eventv1.Event_AttemptReturned:
		return onNode(ofRun(view, "AttemptReturned", e.AttemptReturned.GetJobRunId(), e.AttemptReturned.GetAttempt(), "PENDING"), e.AttemptReturned.GetNodeId())
	case *eventv1.Event_AttemptEnded:
		return ofRun(view, "AttemptEnded", e.AttemptEnded.GetJobRunId(), e.AttemptEnded.GetAttempt(), strings.TrimPrefix(e.AttemptEnded.GetState().String(), "ATTEMPT_STATE_"))
	}
	return nil
}

func ofWorkers(view *state.View, event *eventv1.Event) *controlv1.WatchEventsResponse {
	switch e := event.GetFact().(type) {
	case *eventv1.Event_WorkersPlaced:
		m := onNode(ofRun(view, "WorkersPlaced", e.WorkersPlaced.GetJobRunId(), e.WorkersPlaced.GetAttempt(), "PLACED"), e.WorkersPlaced.GetNodeId())
		return several(m, e.WorkersPlaced.GetType(), len(e.WorkersPlaced.GetWorkers()))
	case *eventv1.Event_WorkersAssigned:
		m := onNode(ofRun(view, "WorkersAssigned", e.WorkersAssigned.GetJobRunId(), e.WorkersAssigned.GetAttempt(), "PLACED"), e.WorkersAssigned.GetNodeId())
		return several(m, e.WorkersAssigned.GetType(), len(e.WorkersAssigned.GetWorkers()))
	case *eventv1.Event_WorkerRunning:
		m := ofWorker(view, "WorkerRunning", e.WorkerRunning.GetWorkerId(), "RUNNING")
		m.Warm, m.Cold = e.WorkerRunning.GetWarm(), e.WorkerRunning.GetColdReason() != ""
		return m
	case *eventv1.Event_WorkerEnded:
		return ofWorker(view, "WorkerEnded", e.WorkerEnded.GetWorkerId(), "ENDED")
	}
	return nil
}

// ofSlots tells of pre-initialised slots; workers is how many there are.
func ofSlots(_ *state.View, event *eventv1.Event) *controlv1.WatchEventsResponse {
	switch e := event.GetFact().(type) {
	case *eventv1.Event_SlotsReserved:
		m := onNode(&controlv1.WatchEventsResponse{Kind: "SlotsReserved", ApplicationId: e.SlotsReserved.GetApplicationId(),
			State: "RESERVED"}, e.SlotsReserved.GetNodeId())
		return several(m, e.SlotsReserved.GetType(), len(e.SlotsReserved.GetSlotIds()))
	case *eventv1.Event_SlotsReady:
		return onNode(&controlv1.WatchEventsResponse{Kind: "SlotsReady", ApplicationId: e.SlotsReady.GetApplicationId(), State: "READY",
			Workers: uint32(len(e.SlotsReady.GetSlotIds()))}, e.SlotsReady.GetNodeId())
	case *eventv1.Event_SlotsReleased:
		return onNode(&controlv1.WatchEventsResponse{Kind: "SlotsReleased", ApplicationId: e.SlotsReleased.GetApplicationId(), State: "RELEASED",
			Workers: uint32(len(e.SlotsReleased.GetSlotIds()))}, e.SlotsReleased.GetNodeId())
	}
	return nil
}

func ofNodes(view *state.View, event *eventv1.Event) *controlv1.WatchEventsResponse {
	switch e := event.GetFact().(type) {
	case *eventv1.Event_NodeRegistered:
		row := view.Node(e.NodeRegistered.GetNodeId())
		return nodeIs("NodeRegistered", e.NodeRegistered.GetNodeId(), row != nil && row.HeldBack)
	case *eventv1.Event_NodeJoined:
		return nodeIs("NodeJoined", e.NodeJoined.GetNodeId(), e.NodeJoined.GetHeldBack())
	case *eventv1.Event_NodeApproved:
		return nodeIs("NodeApproved", e.NodeApproved.GetNodeId(), false)
	case *eventv1.Event_NodeLost:
		return onNode(&controlv1.WatchEventsResponse{Kind: "NodeLost", State: "LOST"}, e.NodeLost.GetNodeId())
	case *eventv1.Event_NodeLosing:
		return onNode(&controlv1.WatchEventsResponse{Kind: "NodeLosing", State: "LOSING"}, e.NodeLosing.GetNodeId())
	case *eventv1.Event_NodeForgotten:
		return onNode(&controlv1.WatchEventsResponse{Kind: "NodeForgotten"}, e.NodeForgotten.GetNodeId())
	case *eventv1.Event_ReleaseAdded:
		return &controlv1.WatchEventsResponse{Kind: "ReleaseAdded"}
	}
	return nil
}

// nodeIs tells that a node holds a lease, and whether it may be given something.
func nodeIs(kind, id string, heldBack bool) *controlv1.WatchEventsResponse {
	entered := state.NodeReady
	if heldBack {
		entered = state.NodeNotApproved
	}
	return onNode(&controlv1.WatchEventsResponse{Kind: kind, State: entered.String()}, id)
}

// ofAccessKeys tells that there is a key more or less, and nothing of it: who may read events need not know keys.
func ofAccessKeys(_ *state.View, event *eventv1.Event) *controlv1.WatchEventsResponse {
	switch event.GetFact().(type) {
	case *eventv1.Event_AccessKeyCreated:
		return &controlv1.WatchEventsResponse{Kind: "AccessKeyCreated"}
	case *eventv1.Event_AccessKeyRevoked:
		return &controlv1.WatchEventsResponse{Kind: "AccessKeyRevoked"}
	}
	return nil
}

func ofRun(view *state.View, kind, run string, attempt uint32, entered string) *controlv1.WatchEventsResponse {
	m := &controlv1.WatchEventsResponse{Kind: kind, JobRunId: run, Attempt: attempt, State: entered}
	if row := view.JobRun(run); row != nil {
		m.ApplicationId = row.Application
		if attempt == 0 {
			m.Attempt = row.Attempt
		}
	}
	return m
}

func ofWorker(view *state.View, kind, id, entered string) *controlv1.WatchEventsResponse {
	w := view.Worker(id)
	if w == nil {
		return &controlv1.WatchEventsResponse{Kind: kind, WorkerId: id, State: entered, Workers: 1}
	}
	return &controlv1.WatchEventsResponse{Kind: kind, ApplicationId: w.Application, JobRunId: w.Run, Attempt: w.Attempt, NodeId: w.Node,
		WorkerId: id, WorkerType: w.Type.String(), WorkerNumber: w.Number, Workers: 1, State: entered}
}

// several says about how many workers, or slots for them, of which type it is.
func several(m *controlv1.WatchEventsResponse, t eventv1.WorkerType, n int) *controlv1.WatchEventsResponse {
	m.WorkerType, m.Workers = strings.TrimPrefix(t.String(), "WORKER_TYPE_"), uint32(n)
	return m
}

func onNode(m *controlv1.WatchEventsResponse, node string) *controlv1.WatchEventsResponse {
	m.NodeId = node
	return m
}
