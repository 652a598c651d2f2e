package fsm

import (
	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/fsm/wire"
	eventv1 "github.com/headrace/headrace/proto/headrace/event/v1"
)

// worker returns a copy of a row that must be there and live.
func (a *applier) worker(id string) state.Worker {
	row := a.tx.View().Worker(id)
	a.must(row != nil && row.Live(), "there is no live worker %s", id)
	return *row
}

func (a *applier) workersPlaced(e *eventv1.WorkersPlaced) {
	attempt := a.attempt(e.GetJobRunId(), e.GetAttempt())
	run := a.run(e.GetJobRunId())
	row := state.Worker{Run: run.ID, Application: run.Application, Attempt: attempt.Number, Type: state.WorkerType(e.GetType()),
		Node: e.GetNodeId(), Size: wire.SizeOf(e.GetSize()), State: state.WorkerPlaced, Placed: a.now}
	for _, placed := range e.GetWorkers() {
		a.must(a.tx.View().Worker(placed.GetWorkerId()) == nil, "worker %s is there already", placed.GetWorkerId())
		row.ID, row.Number, row.Epoch = placed.GetWorkerId(), placed.GetNumber(), placed.GetEpoch()
		a.tx.PutWorker(row)
		a.tx.PutSlot(state.Slot{ID: row.ID, Application: row.Application, Node: row.Node, Size: row.Size, Worker: row.ID})
		attempt.LastNumber = max(attempt.LastNumber, row.Number)
	}
	a.tx.PutAttempt(attempt)
	a.mustFit(e.GetNodeId(), "workers of run %s", run.ID)
}

func (a *applier) workersAssigned(e *eventv1.WorkersAssigned) {
	attempt := a.attempt(e.GetJobRunId(), e.GetAttempt())
	run := a.run(e.GetJobRunId())
	row := state.Worker{Run: run.ID, Application: run.Application, Attempt: attempt.Number, Type: state.WorkerType(e.GetType()),
		Node: e.GetNodeId(), State: state.WorkerPlaced, Placed: a.now}
	for _, assigned := range e.GetWorkers() {
		a.must(a.tx.View().Worker(assigned.GetWorkerId()) == nil, "worker %s is there already", assigned.GetWorkerId())
		slot := a.slot(assigned.GetSlotId())
		a.must(slot.Free() && slot.Application == row.Application && slot.Node == row.Node && slot.Type == row.Type,
			"slot %s is not free for a %s of run %s on node %s: %+v", slot.ID, row.Type, run.ID, row.Node, slot)
		row.ID, row.Number, row.Epoch = assigned.GetWorkerId(), assigned.GetNumber(), assigned.GetEpoch()
		row.Slot, row.Size, slot.Worker = slot.ID, slot.Size, row.ID
		a.tx.PutWorker(row)
		a.tx.PutSlot(slot)
		attempt.LastNumber = max(attempt.LastNumber, row.Number)
	}
	a.tx.PutAttempt(attempt)
}

func (a *applier) workerRunning(e *eventv1.WorkerRunning) {
	row := a.worker(e.GetWorkerId())
	a.must(row.State == state.WorkerPlaced, "worker %s is %s and cannot begin to run", row.ID, row.State)
	row.State, row.Host, row.Running = state.WorkerRunning, e.GetHost(), a.now
	row.Warm, row.ColdReason = e.GetWarm(), e.GetColdReason()
	a.tx.PutWorker(row)
}

func (a *applier) workerEnded(e *eventv1.WorkerEnded) {
	row := a.worker(e.GetWorkerId())
	row.State, row.Exit, row.Ended = state.WorkerEnded, wire.ExitOf(e.GetExit()), a.now
	a.tx.PutWorker(row)
	a.leaveSlot(&row, e.GetSlotReleased())
	if attempt := a.tx.View().Attempt(row.Run, row.Attempt); !attempt.State.Over() {
		changed := *attempt
		changed.Deaths = e.GetDeathsInRow()
		a.tx.PutAttempt(changed)
	}
}
