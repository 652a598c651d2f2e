package fsm

import (
	"fmt"
	"time"

	"github.com/headrace/headrace/fsm/state"
	eventv1 "github.com/headrace/headrace/proto/headrace/event/v1"
)

// ApplyEvents returns the state after a record. The view itself does not change.
func ApplyEvents(view *state.View, record *eventv1.Record) *state.View {
	a := applier{tx: view.Begin(), now: state.Moment(record.GetTimeUnixNano())}
	a.tx.Advance(record.GetSequence(), a.now)
	for _, event := range record.GetEvents() {
		a.apply(event)
	}
	return a.tx.Commit()
}

// applier applies the events of one record.
type applier struct {
	tx  *state.Tx
	now time.Time // the record's time, which all its events carry
}

// apply has one line per event. An unknown event stops the process: this server is older than the log.
func (a *applier) apply(event *eventv1.Event) {
	switch e := event.GetFact().(type) {
	case *eventv1.Event_ClusterInitialized:
		a.clusterInitialized(e.ClusterInitialized)
	case *eventv1.Event_StateDigested:
		// Compared by package consensus, which has the digests of this replica; the state does not change.
	case *eventv1.Event_RequestCompleted:
		a.requestCompleted(e.RequestCompleted)
	case *eventv1.Event_ApplicationCreated:
		a.applicationCreated(e.ApplicationCreated)
	case *eventv1.Event_ApplicationStateChanged:
		a.applicationStateChanged(e.ApplicationStateChanged)
	case *eventv1.Event_ApplicationUpdated:
		a.applicationUpdated(e.ApplicationUpdated)
	case *eventv1.Event_ApplicationTagged:
		a.applicationTagged(e.ApplicationTagged)
	case *eventv1.Event_ApplicationForgotten:
		a.tx.RemoveApplication(e.ApplicationForgotten.GetApplicationId())
	case *eventv1.Event_JobRunSubmitted:
		a.jobRunSubmitted(e.JobRunSubmitted)
	case *eventv1.Event_JobRunQueued:
		a.jobRunQueued(e.JobRunQueued)
	case *eventv1.Event_JobRunAdmitted:
		a.jobRunAdmitted(e.JobRunAdmitted)
	case *eventv1.Event_JobRunCancelRequested:
		a.jobRunCancelRequested(e.JobRunCancelRequested)
	case *eventv1.Event_JobRunEnded:
		a.jobRunEnded(e.JobRunEnded)
	case *eventv1.Event_JobRunTagged:
		a.jobRunTagged(e.JobRunTagged)
	case *eventv1.Event_AttemptCreated:
		a.attemptCreated(e.AttemptCreated)
	case *eventv1.Event_AttemptScheduled:
		a.attemptScheduled(e.AttemptScheduled)
	case *eventv1.Event_AttemptRunning:
		a.attemptRunning(e.AttemptRunning)
	case *eventv1.Event_AttemptReturned:
		a.attemptReturned(e.AttemptReturned)
	case *eventv1.Event_AttemptEnded:
		a.attemptEnded(e.AttemptEnded)
	case *eventv1.Event_WorkersPlaced:
		a.workersPlaced(e.WorkersPlaced)
	case *eventv1.Event_WorkersAssigned:
		a.workersAssigned(e.WorkersAssigned)
	case *eventv1.Event_WorkerRunning:
		a.workerRunning(e.WorkerRunning)
	case *eventv1.Event_WorkerStarved:
		a.workerStarved(e.WorkerStarved)
	case *eventv1.Event_WorkerEnded:
		a.workerEnded(e.WorkerEnded)
	case *eventv1.Event_SlotsReserved:
		a.slotsReserved(e.SlotsReserved)
	case *eventv1.Event_SlotsReady:
		a.slotsReady(e.SlotsReady)
	case *eventv1.Event_SlotsReleased:
		a.slotsReleased(e.SlotsReleased)
	case *eventv1.Event_NodeRegistered:
		a.nodeRegistered(e.NodeRegistered)
	case *eventv1.Event_NodeLost:
		a.nodeLost(e.NodeLost)
	case *eventv1.Event_NodeLosing:
		a.nodeLosing(e.NodeLosing)
	case *eventv1.Event_NodeForgotten:
		a.tx.RemoveNode(e.NodeForgotten.GetNodeId())
	case *eventv1.Event_NodeJoined:
		a.nodeJoined(e.NodeJoined)
	case *eventv1.Event_NodeApproved:
		a.nodeApproved(e.NodeApproved)
	case *eventv1.Event_NodeCordoned:
		a.nodeCordoned(e.NodeCordoned)
	case *eventv1.Event_NodeUncordoned:
		a.nodeUncordoned(e.NodeUncordoned)
	case *eventv1.Event_NodeDrainBegun:
		a.nodeDrainBegun(e.NodeDrainBegun)
	case *eventv1.Event_NodeDrainCancelled:
		a.nodeDrainCancelled(e.NodeDrainCancelled)
	case *eventv1.Event_NodeDrained:
		a.nodeDrained(e.NodeDrained)
	case *eventv1.Event_WorkersLeaving:
		a.workersLeaving(e.WorkersLeaving)
	case *eventv1.Event_NodeFailed:
		a.nodeFailed(e.NodeFailed)
	case *eventv1.Event_NodeSetAside:
		a.nodeSetAside(e.NodeSetAside)
	case *eventv1.Event_NodeTakenBack:
		a.nodeTakenBack(e.NodeTakenBack)
	case *eventv1.Event_ReleaseAdded:
		a.releaseAdded(e.ReleaseAdded)
	case *eventv1.Event_JobRunsArchived:
		a.jobRunsArchived(e.JobRunsArchived)
	case *eventv1.Event_HistoryDropped:
		a.historyDropped(e.HistoryDropped)
	case *eventv1.Event_AccessKeyCreated:
		a.accessKeyCreated(e.AccessKeyCreated)
	case *eventv1.Event_AccessKeyRevoked:
		a.accessKeyRevoked(e.AccessKeyRevoked)
	default:
		panic(fmt.Sprintf("record %d holds an event that this version does not know: %T", a.tx.View().Sequence, e))
	}
}

// must stops the process if a fact does not fit the state. Then this replica's state is wrong, or the code that decided
// was.
func (a *applier) must(holds bool, format string, args ...any) {
	if !holds {
		panic(fmt.Sprintf("record %d: ", a.tx.View().Sequence) + fmt.Sprintf(format, args...))
	}
}
