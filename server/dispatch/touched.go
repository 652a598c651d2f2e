package dispatch

import (
	"github.com/headrace/headrace/fsm/event"
	"github.com/headrace/headrace/fsm/state"
	eventv1 "github.com/headrace/headrace/proto/headrace/event/v1"
)

// touched calls mark with every node whose assignment an event may have changed, as the option touches in the event's
// proto says. The view is the one after the event's record, or a newer one.
func touched(view *state.View, e *eventv1.Event, mark func(node string)) {
	fact, known := event.FactOf(e)
	if !known {
		return
	}
	switch fact.Touches {
	case eventv1.Touches_TOUCHES_NODE:
		mark(fact.NodeID())
	case eventv1.Touches_TOUCHES_RUN:
		markRun(view, fact.JobRunID(), mark)
	case eventv1.Touches_TOUCHES_WORKER:
		touchedByEnd(view, fact.WorkerID(), mark)
	case eventv1.Touches_TOUCHES_NODE_AND_DRIVER:
		mark(fact.NodeID())
		if driver := view.Driver(fact.JobRunID(), fact.Attempt()); driver != nil {
			mark(driver.Node)
		}
	}
}

// touchedByEnd marks the worker's own node, where its slot may have gone with it, and its driver's, which is told of
// the end.
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
func grown(e *eventv1.Event) string {
	if fact, known := event.FactOf(e); known && fact.GivesWorkers {
		return fact.JobRunID()
	}
	return ""
}
