package dispatch

import (
	"github.com/headrace/headrace/fsm/state"
	eventv1 "github.com/headrace/headrace/proto/headrace/event/v1"
)

// homes says on which node each pre-initialised slot is: the event of its release names the slot alone.
type homes map[string]string

// homesOf reads them from a view.
func homesOf(view *state.View) homes {
	h := homes{}
	for slot := range view.Slots() {
		if slot.Preinitialised() {
			h[slot.ID] = slot.Node
		}
	}
	return h
}

func (h homes) reserved(e *eventv1.SlotsReserved) {
	for _, id := range e.GetSlotIds() {
		h[id] = e.GetNodeId()
	}
}

// released forgets slots, and marks the nodes that they were on.
func (h homes) released(slots []string, mark func(node string)) {
	for _, id := range slots {
		if node, known := h[id]; known {
			mark(node)
			delete(h, id)
		}
	}
}
