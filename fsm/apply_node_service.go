package fsm

import (
	"slices"

	"github.com/headrace/headrace/fsm/state"
	eventv1 "github.com/headrace/headrace/proto/headrace/event/v1"
)

// keptNodeFailures is how many failures of a node are remembered.
const keptNodeFailures = 8

func (a *applier) nodeCordoned(e *eventv1.NodeCordoned) {
	cordoned := *a.node(e.GetNodeId())
	cordoned.Cordon = state.Cordon{By: e.GetCordonedBy(), Reason: e.GetReason(), Since: a.now}
	a.tx.PutNode(cordoned)
}

func (a *applier) nodeUncordoned(e *eventv1.NodeUncordoned) {
	open := *a.node(e.GetNodeId())
	open.Cordon = state.Cordon{}
	open.Drain = state.Drain{}
	open.Aside = state.Aside{}
	open.Failures = nil
	a.tx.PutNode(open)
}

func (a *applier) nodeDrainBegun(e *eventv1.NodeDrainBegun) {
	draining := *a.node(e.GetNodeId())
	draining.Cordon = state.Cordon{By: e.GetBegunBy(), Reason: e.GetReason(), Since: a.now}
	draining.Drain = state.Drain{
		By:          e.GetBegunBy(),
		Since:       a.now,
		Deadline:    state.Moment(e.GetDeadlineUnixNano()),
		StopDrivers: e.GetStopDrivers(),
	}
	a.tx.PutNode(draining)
}

func (a *applier) nodeDrainCancelled(e *eventv1.NodeDrainCancelled) {
	cordoned := *a.node(e.GetNodeId())
	a.must(!cordoned.Drain.Since.IsZero(), "node %s does not drain, and that cannot be cancelled", cordoned.ID)
	cordoned.Drain = state.Drain{}
	a.tx.PutNode(cordoned)
}

func (a *applier) nodeDrained(e *eventv1.NodeDrained) {
	drained := *a.node(e.GetNodeId())
	a.must(drained.Draining(), "node %s does not drain, and cannot be drained", drained.ID)
	drained.Drain.Done = a.now
	a.tx.PutNode(drained)
}

func (a *applier) workersLeaving(e *eventv1.WorkersLeaving) {
	leaving := state.LeavingAsked
	if e.GetStop() {
		leaving = state.LeavingStopped
	}
	for _, id := range e.GetWorkerIds() {
		row := a.worker(id)
		a.must(row.Run == e.GetJobRunId() && row.Node == e.GetNodeId() && row.Leaving < leaving,
			"worker %s of run %s on node %s is leaving already, or is another one: %+v",
			id, e.GetJobRunId(), e.GetNodeId(), row)
		row.Leaving = leaving
		row.LeavingSince = a.now
		a.tx.PutWorker(row)
	}
}

func (a *applier) nodeFailed(e *eventv1.NodeFailed) {
	failed := *a.node(e.GetNodeId())
	failures := append(slices.Clone(failed.Failures), state.NodeFailure{
		Kind:        state.NodeFailureKind(e.GetKind()),
		At:          a.now,
		Application: e.GetApplicationId(),
		Run:         e.GetJobRunId(),
	})
	failed.Failures = failures[max(0, len(failures)-keptNodeFailures):]
	a.tx.PutNode(failed)
}

func (a *applier) nodeSetAside(e *eventv1.NodeSetAside) {
	aside := *a.node(e.GetNodeId())
	aside.Aside = state.Aside{Reason: e.GetReason(), Since: a.now, Until: state.Moment(e.GetUntilUnixNano())}
	aside.Failures = nil
	a.tx.PutNode(aside)
}

func (a *applier) nodeTakenBack(e *eventv1.NodeTakenBack) {
	back := *a.node(e.GetNodeId())
	if e.GetOnTrial() {
		a.must(back.SetAside(), "node %s is not set aside, and cannot be on trial", back.ID)
		back.Aside.OnTrial = true
	} else {
		back.Aside = state.Aside{}
		forgiven := func(f state.NodeFailure) bool { return !f.Kind.Lasts() }
		back.Failures = slices.DeleteFunc(slices.Clone(back.Failures), forgiven)
	}
	a.tx.PutNode(back)
}
