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
	row := a.placed(&run, attempt.Number, e.GetType(), e.GetNodeId())
	row.Size = wire.SizeOf(e.GetSize())
	for _, placed := range e.GetWorkers() {
		row.ID = placed.GetWorkerId()
		row.Number = placed.GetNumber()
		row.Epoch = placed.GetEpoch()
		a.mustBeNew(row.ID)
		a.tx.PutWorker(row)
		a.tx.PutSlot(state.Slot{
			ID:          row.ID,
			Application: row.Application,
			Node:        row.Node,
			Size:        row.Size,
			Worker:      row.ID,
		})
		attempt.LastNumber = max(attempt.LastNumber, row.Number)
	}
	a.tx.PutAttempt(attempt)
	a.mustFit(e.GetNodeId(), "workers of run %s", run.ID)
}

// placed returns what the workers that an attempt is given on a node now have in common.
func (a *applier) placed(run *state.JobRun, attempt uint32, is eventv1.WorkerType, node string) state.Worker {
	return state.Worker{
		Run:         run.ID,
		Application: run.Application,
		Attempt:     attempt,
		Type:        state.WorkerType(is),
		Node:        node,
		State:       state.WorkerPlaced,
		Placed:      a.now,
	}
}

// mustBeNew holds that no worker has the id.
func (a *applier) mustBeNew(id string) {
	a.must(a.tx.View().Worker(id) == nil, "worker %s is there already", id)
}

func (a *applier) workersAssigned(e *eventv1.WorkersAssigned) {
	attempt := a.attempt(e.GetJobRunId(), e.GetAttempt())
	run := a.run(e.GetJobRunId())
	row := a.placed(&run, attempt.Number, e.GetType(), e.GetNodeId())
	for _, assigned := range e.GetWorkers() {
		row.ID = assigned.GetWorkerId()
		row.Number = assigned.GetNumber()
		row.Epoch = assigned.GetEpoch()
		a.mustBeNew(row.ID)
		a.takeSlot(&row, assigned.GetSlotId())
		a.tx.PutWorker(row)
		attempt.LastNumber = max(attempt.LastNumber, row.Number)
	}
	a.tx.PutAttempt(attempt)
}

// takeSlot puts a worker into a free slot of its application, node and type.
func (a *applier) takeSlot(row *state.Worker, id string) {
	slot := a.slot(id)
	a.must(slot.Free() && slot.Application == row.Application && slot.Node == row.Node && slot.Type == row.Type,
		"slot %s is not free for a %s of run %s on node %s: %+v", slot.ID, row.Type, row.Run, row.Node, slot)
	row.Slot = slot.ID
	row.Size = slot.Size
	slot.Worker = row.ID
	a.tx.PutSlot(slot)
}

func (a *applier) workerRunning(e *eventv1.WorkerRunning) {
	row := a.worker(e.GetWorkerId())
	a.must(row.State == state.WorkerPlaced, "worker %s is %s and cannot begin to run", row.ID, row.State)
	row.State = state.WorkerRunning
	row.Host = e.GetHost()
	row.Running = a.now
	row.Warm = e.GetWarm()
	row.ColdReason = e.GetColdReason()
	a.tx.PutWorker(row)
}

func (a *applier) workerStarved(e *eventv1.WorkerStarved) {
	row := a.worker(e.GetWorkerId())
	a.must(row.State == state.WorkerRunning && e.GetPeakMemoryBytes() > 0,
		"worker %s is %s and cannot have starved at %d bytes", row.ID, row.State, e.GetPeakMemoryBytes())
	row.Starved = e.GetPeakMemoryBytes()
	a.tx.PutWorker(row)
}

func (a *applier) workerEnded(e *eventv1.WorkerEnded) {
	row := a.worker(e.GetWorkerId())
	row.State = state.WorkerEnded
	row.Exit = wire.ExitOf(e.GetExit())
	row.Ended = a.now
	a.tx.PutWorker(row)
	a.leaveSlot(&row, e.GetSlotReleased())
	if attempt := a.tx.View().Attempt(row.Run, row.Attempt); !attempt.State.Over() {
		changed := *attempt
		changed.Deaths = e.GetDeathsInRow()
		a.tx.PutAttempt(changed)
	}
}
