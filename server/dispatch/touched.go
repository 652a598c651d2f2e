package dispatch

import (
	"github.com/headrace/headrace/fsm/state"
	eventv1 "github.com/headrace/headrace/proto/headrace/event/v1"
)

// touched calls mark with every node whose assignment an event may have changed. The view is the one after the event's record, or a
// newer one.
func touched(view *state.View, event *eventv1.Event, mark func(node string)) {
	switch e := event.GetFact().(type) {
	case *eventv1.Event_WorkersPlaced:
		mark(e.WorkersPlaced.GetNodeId())
	case *eventv1.Event_WorkersAssigned:
		mark(e.WorkersAssigned.GetNodeId())
	case *eventv1.Event_WorkerEnded:
		touchedByEnd(view, e.WorkerEnded.GetWorkerId(), mark)
	case *eventv1.Event_SlotsReserved:
		mark(e.SlotsReserved.GetNodeId())
	case *eventv1.Event_SlotsReleased:
		mark(e.SlotsReleased.GetNodeId())
	case *eventv1.Event_AttemptEnded:
		markRun(view, e.AttemptEnded.GetJobRunId(), mark)
	case *eventv1.Event_AttemptReturned:
		markRun(view, e.AttemptReturned.GetJobRunId(), mark)
	case *eventv1.Event_NodeForgotten:
		mark(e.NodeForgotten.GetNodeId()) // its session ends
	case *eventv1.Event_JobRunCancelRequested:
		markRun(view, e.JobRunCancelRequested.GetJobRunId(), mark)
	}
}

// touchedByEnd marks the worker's own node, where its slot may have gone with it, and its driver's, which is told of the end.
func touchedByEnd(view *state.View, id string, mark func(string)) {
	worker := view.Worker(id)
	if worker == nil {
		return
	}
	mark(worker.Node)
	if driver := view.Driver(worker.Run, worker.Attempt); driver != nil {
		mark(driver.Node)
	}
}

// markRun marks the nodes of all workers of a run.
func markRun(view *state.View, run string, mark func(string)) {
	for worker := range view.LiveWorkersOfRun(run) {
		mark(worker.Node)
	}
}

// grown names the run that an event gave more workers; empty: it gave none.
func grown(event *eventv1.Event) string {
	switch e := event.GetFact().(type) {
	case *eventv1.Event_WorkersPlaced:
		return e.WorkersPlaced.GetJobRunId()
	case *eventv1.Event_WorkersAssigned:
		return e.WorkersAssigned.GetJobRunId()
	}
	return ""
}
