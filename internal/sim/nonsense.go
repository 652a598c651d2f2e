package sim

import (
	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/scheduler"
	"github.com/headrace/headrace/server/placement/proposal"
)

// proposeNonsense proposes what no planner would: the door's verifier has the last word, and may not believe anything.
func (w *world) proposeNonsense() {
	for run := range w.view().Unfinished("") {
		if w.chance(30) {
			w.misplace(run)
		}
	}
	for application := range w.view().Applications("") {
		if w.chance(30) {
			w.misreserve(application)
		}
	}
}

// misplace proposes workers on any node, and in any slots of the application.
func (w *world) misplace(run *state.JobRun) {
	n := w.anyNode()
	count := run.Shape.Initial
	if w.chance(30) {
		count = uint32(w.random.IntN(9))
	}
	placement := scheduler.Placement{Run: run.ID, Attempt: run.Attempt, Zone: n.zone}
	if w.chance(50) {
		placement.Driver = n.id
	}
	for slot := range w.view().PoolOfApplication(run.Application) {
		switch {
		case !w.chance(20):
		case placement.Driver != "" && w.chance(50):
			placement.DriverSlot = slot.ID
		case count > 0:
			placement.Slots = append(placement.Slots, slot.ID)
			count--
		}
	}
	if count > 0 {
		placement.Shares = []scheduler.Share{{Node: n.id, Count: count}}
	}
	w.planner.asked++
	w.propose("", 0, proposal.Place(placement).Decide, func() {})
}

// misreserve proposes slots on any node.
func (w *world) misreserve(application *state.Application) {
	reservation := scheduler.Reservation{
		Application: application.ID, Role: scheduler.Role(1 + w.random.IntN(5)),
		Shares: []scheduler.Share{{Node: w.anyNode().id, Count: uint32(w.random.IntN(4))}},
	}
	w.planner.asked++
	w.propose("", 0, proposal.Reserve(reservation).Decide, func() {})
}

func (w *world) anyNode() *node { return w.nodes[w.random.IntN(len(w.nodes))] }
