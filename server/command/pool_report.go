package command

import (
	"fmt"
	"slices"

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

	Taken int // the result: so many of the statuses are decided on; the others are for a next step
}

// Decide believes what is news. Slots that cannot be prepared are given up, and the scheduler reserves others. If a
// report lists a slot twice, the last entry wins.
func (c *ReportSlots) Decide(view *state.View, meta Meta) ([]*eventv1.Event, error) {
	d := draft(view, meta)
	c.Taken = 0
	lacks := blame{kind: state.NodePreparedNoSlot}
	last := map[string]SlotStatus{}
	for _, status := range c.Statuses {
		last[status.SlotID] = status
	}
	var ready []*state.Slot
	for _, said := range c.Statuses {
		if d.Full() {
			break
		}
		c.Taken++
		status, is := last[said.SlotID]
		delete(last, said.SlotID)
		slot := view.Slot(said.SlotID)
		if !is || slot == nil || !slot.Preinitialised() || slot.Node != c.Node {
			continue
		}
		if status.Ready && !slot.Ready {
			ready = append(ready, slot)
		}
		if !status.Ready && status.Error != "" {
			c.giveUp(d, meta.Limits, slot, status.Error)
			if slot.Worker == "" { // else it was prepared once, and this is told again
				lacks.on(slot.Application, "")
			}
		}
	}
	markReady(d, ready)
	judge(d, meta, c.Node, lacks)
	return d.Events(), nil
}

// giveUp releases a slot that the node cannot prepare.
func (c *ReportSlots) giveUp(d *fsm.Draft, limits Limits, slot *state.Slot, why string) {
	reason := fmt.Sprintf("node %s cannot prepare it: %s", d.View().Node(c.Node).Name, why)
	releaseSlots(d, limits, []*state.Slot{slot}, reason)
}

// markReady takes the fact that slots are ready; with the last of them, their applications are started.
func markReady(d *fsm.Draft, slots []*state.Slot) {
	for _, group := range groupSlots(slots) {
		d.Add(&eventv1.SlotsReady{ApplicationId: group.application, NodeId: group.node, SlotIds: group.slots})
		settleStart(d, group.application)
	}
}

// slotGroup is the slots that one application has on one node.
type slotGroup struct {
	application, node string
	slots             []string
}

// groupSlots groups slots, in the order in which the groups first appear.
func groupSlots(slots []*state.Slot) (groups []*slotGroup) {
	index := map[[2]string]*slotGroup{}
	for _, slot := range slots {
		key := [2]string{slot.Application, slot.Node}
		if index[key] == nil {
			index[key] = &slotGroup{application: slot.Application, node: slot.Node}
			groups = append(groups, index[key])
		}
		index[key].slots = append(index[key].slots, slot.ID)
	}
	return groups
}

// slotBytes is how large a slot's id is in a fact.
const slotBytes = 32

// releaseSlots gives up the slots that no worker is in; the others go with their workers. It says whether it left some
// to the next step.
func releaseSlots(d *fsm.Draft, limits Limits, slots []*state.Slot, reason string) (more bool) {
	slots = slices.DeleteFunc(slots, func(slot *state.Slot) bool { return slot.Worker != "" })
	for _, group := range groupSlots(slots) {
		for some := range slices.Chunk(group.slots, perStep(limits, slotBytes)) {
			if d.Full() {
				return true
			}
			d.Add(&eventv1.SlotsReleased{
				ApplicationId: group.application,
				NodeId:        group.node,
				SlotIds:       some,
				Reason:        reason,
			})
		}
		settleApplication(d, group.application)
	}
	return false
}

// slotGoes says whether the slot that a worker is in goes with the worker.
func slotGoes(view *state.View, worker *state.Worker) bool {
	node := view.Node(worker.Node)
	stays := view.Application(worker.Application).Prepares() && node.State == state.NodeReady && !node.Draining()
	return worker.Slot != "" && !stays
}
