package command

import (
	"fmt"
	"strings"

	"github.com/headrace/headrace/fsm"
	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/fsm/wire"
	"github.com/headrace/headrace/internal/errs"
	eventv1 "github.com/headrace/headrace/proto/headrace/event/v1"
)

// ReserveSlots is what the scheduler proposes for the pre-initialised slots of one type of an application: all of them, or none.
type ReserveSlots struct {
	ApplicationID string
	Type          state.WorkerType
	Shares        []Share
}

// Decide checks the proposal against the newest view. One that no longer holds is Refused, with the reason.
func (c *ReserveSlots) Decide(view *state.View, meta Meta) ([]*eventv1.Event, error) {
	application := view.Application(c.ApplicationID)
	if application == nil || !application.Prepares() {
		return nil, errs.New(errs.Refused, "cannot reserve slots for application %s: it does not start", c.ApplicationID)
	}
	if err := c.check(view, application, meta.Limits); err != nil {
		return nil, err
	}
	initial := application.InitialOf(c.Type)
	d := fsm.NewDraft(view, meta.Now)
	for _, share := range c.Shares {
		reserved := &eventv1.SlotsReserved{ApplicationId: application.ID, NodeId: share.Node, Type: eventv1.WorkerType(c.Type), Size: wire.Size(initial.Size)}
		for range share.Count {
			reserved.SlotIds = append(reserved.SlotIds, meta.IDs.NewID())
		}
		d.Add(reserved)
	}
	return d.Events(), nil
}

// check holds that the slots are missing, that each share fits on its node, and all of them in the limits.
func (c *ReserveSlots) check(view *state.View, application *state.Application, limits Limits) error {
	initial, count, seen := application.InitialOf(c.Type), uint32(0), map[string]bool{}
	for _, share := range c.Shares {
		node := view.Node(share.Node)
		if node == nil || node.State != state.NodeReady || seen[share.Node] || share.Count == 0 {
			return errs.New(errs.Refused, "cannot reserve %d slots for application %s on node %s: it is not ready, or stands twice", share.Count, application.ID, share.Node)
		}
		seen[share.Node] = true
		count += share.Count
		if need, free := initial.Size.Times(int64(share.Count)), node.Capacity.Sub(view.UsedOfNode(node.ID)); !need.FitsIn(free) {
			return errs.New(errs.Refused, "cannot reserve slots for application %s on node %s: needs %s, %s free", application.ID, node.Name, need, free)
		}
	}
	if held := PoolHeld(view, application.ID, c.Type); held+count > initial.Count {
		return errs.New(errs.Refused, "cannot reserve %d slots of %s for application %s: it has %d of %d", count, c.Type, application.ID, held, initial.Count)
	}
	return checkLimits(view, limits, application, initial.Size.Times(int64(count)))
}

// PoolHeld counts the pre-initialised slots of a type that an application holds.
func PoolHeld(view *state.View, application string, t state.WorkerType) uint32 {
	return view.PoolCounts(application)[t].Held
}

// PoolMissing says for people which pre-initialised slots of an application are not ready; empty: all are.
func PoolMissing(view *state.View, application *state.Application) string {
	var missing []string
	counts := view.PoolCounts(application.ID)
	for _, initial := range application.Initial {
		if ready := counts[initial.Type].Ready; ready < initial.Count {
			missing = append(missing, fmt.Sprintf("%d of %d %s", ready, initial.Count, initial.Type))
		}
	}
	if len(missing) == 0 {
		return ""
	}
	return "pre-initialised workers ready: " + strings.Join(missing, ", ")
}

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
