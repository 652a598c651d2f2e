package message

import (
	"github.com/headrace/headrace/fsm/event"
	"github.com/headrace/headrace/fsm/state"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
	eventv1 "github.com/headrace/headrace/proto/headrace/event/v1"
)

// Event shows an event to those who watch: what happened to whom, by whom, and never a user's text. An event that only
// the servers need makes nil; the option told in its proto decides. The view is that after the event, or a newer one.
func Event(view *state.View, e *eventv1.Event) *controlv1.WatchEventsResponse {
	fact, known := event.FactOf(e)
	if !known || fact.Told == nil {
		return nil
	}
	m := &controlv1.WatchEventsResponse{
		Kind:          fact.Name,
		ApplicationId: fact.ApplicationID(),
		JobRunId:      fact.JobRunID(),
		Attempt:       fact.Attempt(),
		NodeId:        fact.NodeID(),
		WorkerId:      fact.WorkerID(),
		WorkerType:    fact.WorkerType(),
		Workers:       uint32(fact.Count()),
		State:         fact.State(),
		By:            fact.AskedBy(),
		Warm:          fact.Says("warm"),
		Cold:          fact.Text("cold_reason") != "",
	}
	completeNode(view, m, fact)
	completeRun(view, m)
	completeWorker(view, m)
	return m
}

// completeNode says whether a node that holds a lease may be given something.
func completeNode(view *state.View, m *controlv1.WatchEventsResponse, fact event.Fact) {
	if !fact.Told.GetNodeState() {
		return
	}
	row := view.Node(m.GetNodeId())
	entered := state.NodeReady
	if fact.Says("held_back") || row != nil && row.HeldBack {
		entered = state.NodeNotApproved
	}
	m.State = entered.String()
}

// completeRun says whose the run is, and which attempt is its newest.
func completeRun(view *state.View, m *controlv1.WatchEventsResponse) {
	row := view.JobRun(m.GetJobRunId())
	if row == nil {
		return
	}
	m.ApplicationId = row.Application
	if m.GetAttempt() == 0 {
		m.Attempt = row.Attempt
	}
}

// completeWorker says whose the worker is, and where.
func completeWorker(view *state.View, m *controlv1.WatchEventsResponse) {
	if m.GetWorkerId() == "" {
		return
	}
	m.Workers = 1
	row := view.Worker(m.GetWorkerId())
	if row == nil {
		return
	}
	m.ApplicationId = row.Application
	m.JobRunId = row.Run
	m.Attempt = row.Attempt
	m.NodeId = row.Node
	m.WorkerType = row.Type.String()
	m.WorkerNumber = row.Number
}
