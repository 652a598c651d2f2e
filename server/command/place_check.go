package command

import (
	"fmt"
	"slices"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/label"
	"github.com/headrace/headrace/internal/resource"
)

// checkSlots holds that every slot is free, of this application, and serves the worker that it is for.
func (c *Place) checkSlots(view *state.View, run *state.JobRun, attempt *state.Attempt) error {
	check := slotCheck{
		place:   c,
		view:    view,
		run:     run,
		attempt: attempt,
		where:   run.Nodes(view.Application(run.Application)).Where(),
		seen:    map[string]bool{},
	}
	if c.DriverSlot != "" {
		if err := check.slot(c.DriverSlot, run.Shape.Driver, run.Shape.DriverSize); err != nil {
			return err
		}
		if node := view.Slot(c.DriverSlot).Node; node != c.Driver {
			return errs.New(errs.Refused, "cannot place run %s: slot %s is on node %s, not %s",
				run.ID, c.DriverSlot, node, c.Driver)
		}
	}
	for _, id := range c.Slots {
		if err := check.slot(id, run.Shape.Worker, run.Shape.WorkerSize); err != nil {
			return err
		}
	}
	return nil
}

// slotCheck checks the slots of a proposal one after another.
type slotCheck struct {
	place   *Place
	view    *state.View
	run     *state.JobRun
	attempt *state.Attempt
	where   *label.Set      // what every node meets
	seen    map[string]bool // slots that were checked: none may be given twice
}

// slot holds that a slot can be given to a worker of a type and size.
func (c *slotCheck) slot(id string, as state.WorkerType, need state.Size) error {
	slot := c.view.Slot(id)
	if slot == nil || c.seen[id] || !c.serves(slot, as, need) {
		return errs.New(errs.Refused, "cannot place run %s: slot %s is not free for a %s of %s",
			c.run.ID, id, as, need.Vector)
	}
	if slices.Contains(c.attempt.Refused, slot.Node) {
		return errs.New(errs.Refused, "cannot place run %s: the node of slot %s refused to start its attempt %d",
			c.run.ID, id, c.place.Attempt)
	}
	c.seen[id] = true
	if err := c.place.checkReady(c.view, c.run, slot.Node); err != nil {
		return err
	}
	return checkLabels(c.run, c.view.Node(slot.Node), c.where)
}

// serves says whether a slot is free for a worker of the run.
func (c *slotCheck) serves(slot *state.Slot, as state.WorkerType, need state.Size) bool {
	return slot.Free() && slot.Application == c.run.Application && slot.Type == as && slot.Size.Serves(need)
}

// checkRoom holds that every share fits on its node, and all of them in the limits.
func (c *Place) checkRoom(view *state.View, run *state.JobRun, limits Limits) error {
	needs := c.needs(run)
	total := resource.Vector{}
	where := run.Nodes(view.Application(run.Application)).Where()
	for _, node := range needs.order {
		total = total.Add(needs.of[node].Vector)
		if err := c.checkNode(view, run, node, needs.of[node]); err != nil {
			return err
		}
		if err := checkLabels(run, view.Node(node), where); err != nil {
			return err
		}
	}
	if len(needs.order) == 0 {
		return nil
	}
	return checkLimits(view, limits, view.Application(run.Application), total)
}

// nodeNeeds is what new slots of a proposal need of each node, in the order of the proposal.
type nodeNeeds struct {
	order []string
	of    map[string]resource.Room
}

func (n *nodeNeeds) add(node string, size resource.Vector, count uint32) {
	had, known := n.of[node]
	if !known {
		n.order = append(n.order, node)
	}
	n.of[node] = resource.Room{Vector: had.Add(size.Times(int64(count))), Slots: had.Slots + int64(count)}
}

func (c *Place) needs(run *state.JobRun) nodeNeeds {
	n := nodeNeeds{of: map[string]resource.Room{}}
	if c.Driver != "" && c.DriverSlot == "" {
		n.add(c.Driver, run.Shape.DriverSize.Vector, 1)
	}
	for _, share := range c.Shares {
		n.add(share.Node, run.Shape.WorkerSize.Vector, share.Count)
	}
	return n
}

func (c *Place) checkReady(view *state.View, run *state.JobRun, node string) error {
	if row := view.Node(node); row == nil || row.State != state.NodeReady || row.Zone != c.Zone {
		return errs.New(errs.Refused, "cannot place run %s on node %s: it is not ready in zone %q",
			run.ID, node, c.Zone)
	} else if !row.Takes() {
		return errs.New(errs.Refused, "cannot place run %s on node %s: it is %s", run.ID, row.Name, row.Service())
	}
	return nil
}

func (c *Place) checkNode(view *state.View, run *state.JobRun, id string, need resource.Room) error {
	if err := c.checkReady(view, run, id); err != nil {
		return err
	}
	node := view.Node(id)
	if slices.Contains(view.Attempt(run.ID, run.Attempt).Refused, id) {
		return errs.New(errs.Refused, "cannot place run %s on node %s: the node refused to start its attempt %d",
			run.ID, node.Name, run.Attempt)
	}
	if free := view.RoomOfNode(node); !free.Holds(need.Vector, need.Slots) {
		return errs.New(errs.Refused, "cannot place run %s on node %s: %s", run.ID, node.Name, lacking(free, need))
	}
	return nil
}

// checkLabels holds that a node meets the constraints of a run and of its application.
func checkLabels(run *state.JobRun, node *state.Node, where *label.Set) error {
	if where.Holds(node.Labelled()) {
		return nil
	}
	return errs.New(errs.Refused, "cannot place run %s on node %s: the node does not meet %s", run.ID, node.Name, where)
}

// lacking says what a node lacks for what does not fit: amounts or, if the workers are many and small, slots.
func lacking(free, need resource.Room) string {
	if need.FitsIn(free.Vector) {
		return fmt.Sprintf("needs %d slots, and %d of the %d that a node may hold are free",
			need.Slots, free.Slots, resource.MaxSlots)
	}
	return fmt.Sprintf("needs %s, %s free", need.Vector, free.Vector)
}
