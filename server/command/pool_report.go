package command

import (
	"fmt"

	"github.com/headrace/headrace/fsm"
	"github.com/headrace/headrace/fsm/state"
	eventv1 "github.com/headrace/headrace/proto/headrace/event/v1"
)

// SlotStatus is what a node says of a slot that it was to prepare.
type SlotStatus struct {
	SlotID string
	Ready  bool
	Error  string // why it cannot be prepared there, unless it is ready
}

// ReportSlots takes what a node says of its pre-initialised slots.
type ReportSlots struct {
	Node     string
	Statuses []SlotStatus
}

// Decide believes what is news. Slots that cannot be prepared are given up; the scheduler reserves others. One that a report names
// twice is taken as the last says.
func (c *ReportSlots) Decide(view *state.View, meta Meta) ([]*eventv1.Event, error) {
	d := fsm.NewDraft(view, meta.Now)
	last := map[string]SlotStatus{}
	for _, status := range c.Statuses {
		last[status.SlotID] = status
	}
	ready := &eventv1.SlotsReady{}
	for _, said := range c.Statuses {
		status, is := last[said.SlotID]
		slot := view.Slot(said.SlotID)
		delete(last, said.SlotID)
		switch {
		case !is || slot == nil || !slot.Preinitialised() || slot.Node != c.Node:
		case status.Ready && !slot.Ready:
			ready.SlotIds = append(ready.SlotIds, slot.ID)
		case !status.Ready && status.Error != "":
			releaseSlots(d, []*state.Slot{slot}, fmt.Sprintf("node %s cannot prepare it: %s", view.Node(c.Node).Name, status.Error))
		}
	}
	if len(ready.GetSlotIds()) > 0 {
		d.Add(ready)
		for _, id := range applicationsOf(view, ready.GetSlotIds()) {
			settleStart(d, id)
		}
	}
	return d.Events(), nil
}

// applicationsOf returns the applications of slots, each once, in the order of the slots.
func applicationsOf(view *state.View, slots []string) (ids []string) {
	seen := map[string]bool{}
	for _, id := range slots {
		if application := view.Slot(id).Application; !seen[application] {
			seen[application] = true
			ids = append(ids, application)
		}
	}
	return ids
}

// releaseSlots gives up those of the slots that no worker is in; the others go with their workers.
func releaseSlots(d *fsm.Draft, slots []*state.Slot, reason string) {
	released := &eventv1.SlotsReleased{Reason: reason}
	for _, slot := range slots {
		if slot.Worker == "" {
			released.SlotIds = append(released.SlotIds, slot.ID)
		}
	}
	if len(released.GetSlotIds()) > 0 {
		d.Add(released)
	}
}

// slotGoes says whether the slot that a worker is in goes with the worker.
func slotGoes(view *state.View, worker *state.Worker) bool {
	return worker.Slot != "" && (!view.Application(worker.Application).Prepares() || view.Node(worker.Node).State == state.NodeLost)
}
