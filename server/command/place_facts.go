package command

import (
	"github.com/headrace/headrace/fsm"
	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/fsm/wire"
	"github.com/headrace/headrace/internal/ident"
	eventv1 "github.com/headrace/headrace/proto/headrace/event/v1"
)

// place takes the facts of a proposal that holds: pre-initialised slots first, so that they get the lowest numbers.
func (c *Place) place(d *fsm.Draft, run *state.JobRun, attempt *state.Attempt, ids ident.Source) {
	numbers := nextNumbers(d.View(), run, attempt)
	if c.Driver != "" {
		d.Add(&eventv1.AttemptScheduled{JobRunId: run.ID, Attempt: attempt.Number, Zone: c.Zone})
		first := func() uint32 { return 0 }
		if c.DriverSlot != "" {
			c.assign(d, run, []string{c.DriverSlot}, run.Shape.Driver, ids, first)
		} else {
			c.placeShare(d, run, Share{c.Driver, 1}, run.Shape.Driver, run.Shape.DriverSize, ids, first)
		}
	}
	for _, slots := range byNode(d.View(), c.Slots) {
		c.assign(d, run, slots, run.Shape.Worker, ids, numbers)
	}
	for _, share := range c.Shares {
		if share.Count > 0 {
			c.placeShare(d, run, share, run.Shape.Worker, run.Shape.WorkerSize, ids, numbers)
		}
	}
}

// byNode groups slots by their nodes, in the order in which these first appear.
func byNode(view *state.View, slots []string) (groups [][]string) {
	index := map[string]int{}
	for _, id := range slots {
		node := view.Slot(id).Node
		i, known := index[node]
		if !known {
			i = len(groups)
			index[node] = i
			groups = append(groups, nil)
		}
		groups[i] = append(groups[i], id)
	}
	return groups
}

// assign gives pre-initialised slots, all on one node, to workers.
func (c *Place) assign(d *fsm.Draft, run *state.JobRun, slots []string, as state.WorkerType, ids ident.Source, number func() uint32) {
	assigned := &eventv1.WorkersAssigned{JobRunId: run.ID, Attempt: c.Attempt, NodeId: d.View().Slot(slots[0]).Node, Type: eventv1.WorkerType(as)}
	for _, slot := range slots {
		n := number()
		assigned.Workers = append(assigned.Workers, &eventv1.AssignedWorker{WorkerId: ids.NewID(), Number: n,
			Epoch: nextEpoch(d.View(), run.ID, c.Attempt, n), SlotId: slot})
	}
	d.Add(assigned)
}

func (c *Place) placeShare(d *fsm.Draft, run *state.JobRun, share Share, as state.WorkerType, size state.Size, ids ident.Source, number func() uint32) {
	placed := &eventv1.WorkersPlaced{JobRunId: run.ID, Attempt: c.Attempt, NodeId: share.Node, Type: eventv1.WorkerType(as), Size: wire.Size(size)}
	for range share.Count {
		n := number()
		placed.Workers = append(placed.Workers, &eventv1.PlacedWorker{WorkerId: ids.NewID(), Number: n, Epoch: nextEpoch(d.View(), run.ID, c.Attempt, n)})
	}
	d.Add(placed)
}
