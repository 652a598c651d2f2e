package fsm

import (
	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/fsm/wire"
	"github.com/headrace/headrace/internal/resource"
	eventv1 "github.com/headrace/headrace/proto/headrace/event/v1"
)

// slot returns a copy of a pre-initialised slot that must be there.
func (a *applier) slot(id string) state.Slot {
	row := a.tx.View().Slot(id)
	a.must(row != nil && row.Preinitialised(), "there is no pre-initialised slot %s", id)
	return *row
}

func (a *applier) slotsReserved(e *eventv1.SlotsReserved) {
	application := a.application(e.GetApplicationId())
	a.must(application.Prepares(), "application %s is %s and holds no slots", application.ID, application.State)
	row := state.Slot{
		Application: application.ID,
		Node:        e.GetNodeId(),
		Size:        wire.SizeOf(e.GetSize()),
		Type:        state.WorkerType(e.GetType()),
		Reserved:    a.now,
	}
	for _, id := range e.GetSlotIds() {
		a.must(a.tx.View().Slot(id) == nil, "slot %s is there already", id)
		row.ID = id
		a.tx.PutSlot(row)
	}
	a.mustFit(row.Node, "slots of application %s", application.ID)
}

// mustFit holds that what was just put on a node has room there.
func (a *applier) mustFit(id, what, whose string) {
	node := a.tx.View().Node(id)
	a.must(node != nil && a.tx.View().RoomOfNode(node).Holds(resource.Vector{}, 0), what+" do not fit on node %s",
		whose, id)
}

func (a *applier) slotsReady(e *eventv1.SlotsReady) {
	for _, id := range e.GetSlotIds() {
		row := a.slot(id)
		row.Ready = true
		a.tx.PutSlot(row)
	}
}

func (a *applier) slotsReleased(e *eventv1.SlotsReleased) {
	for _, id := range e.GetSlotIds() {
		row := a.slot(id)
		a.must(row.Worker == "", "slot %s cannot be released: worker %s is in it", id, row.Worker)
		a.tx.RemoveSlot(id)
	}
}

// leaveSlot frees what a worker held: its own slot is gone, a pre-initialised one waits for the next worker unless it
// is released.
func (a *applier) leaveSlot(worker *state.Worker, released bool) {
	if worker.Slot == "" {
		a.tx.RemoveSlot(worker.ID)
		return
	}
	row := a.slot(worker.Slot)
	row.Worker = ""
	a.tx.PutSlot(row)
	if released {
		a.tx.RemoveSlot(row.ID)
	}
}
