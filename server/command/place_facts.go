package command

import (
	"github.com/headrace/headrace/fsm"
	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/fsm/wire"
	"github.com/headrace/headrace/internal/ident"
	eventv1 "github.com/headrace/headrace/proto/headrace/event/v1"
)

// place takes the facts of a proposal that holds. Pre-initialised slots come first, so that their workers get the
// lowest numbers.
func (c *Place) place(d *fsm.Draft, run *state.JobRun, attempt *state.Attempt, ids ident.Source) {
	p := placing{
		draft:   d,
		run:     run,
		attempt: attempt.Number,
		ids:     ids,
	}
	numbers := nextNumbers(d.View(), run, attempt)
	if c.Driver != "" {
		d.Add(&eventv1.AttemptScheduled{JobRunId: run.ID, Attempt: attempt.Number, Zone: c.Zone})
		p.driver(c.Driver, c.DriverSlot)
	}
	for _, slots := range byNode(d.View(), c.Slots) {
		p.assign(slots, run.Shape.Worker, numbers)
	}
	for _, share := range c.Shares {
		if share.Count > 0 {
			p.share(share, run.Shape.Worker, run.Shape.WorkerSize, numbers)
		}
	}
}

// placing takes the facts of one proposal.
type placing struct {
	draft   *fsm.Draft
	run     *state.JobRun
	attempt uint32
	ids     ident.Source
}

// driver places the driver, which has number 0: in a pre-initialised slot, if there is one, or in one of its own.
func (p *placing) driver(node, slot string) {
	number := func() uint32 { return 0 }
	shape := &p.run.Shape
	if slot != "" {
		p.assign([]string{slot}, shape.Driver, number)
		return
	}
	p.share(Share{Node: node, Count: 1}, shape.Driver, shape.DriverSize, number)
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
func (p *placing) assign(slots []string, as state.WorkerType, number func() uint32) {
	assigned := &eventv1.WorkersAssigned{
		JobRunId: p.run.ID,
		Attempt:  p.attempt,
		NodeId:   p.draft.View().Slot(slots[0]).Node,
		Type:     eventv1.WorkerType(as),
	}
	for _, slot := range slots {
		n := number()
		assigned.Workers = append(assigned.Workers, &eventv1.AssignedWorker{
			WorkerId: p.ids.NewID(),
			Number:   n,
			Epoch:    nextEpoch(p.draft.View(), p.run.ID, p.attempt, n),
			SlotId:   slot,
		})
	}
	p.draft.Add(assigned)
}

// share places workers on one node, in slots of their own.
func (p *placing) share(share Share, as state.WorkerType, size state.Size, number func() uint32) {
	placed := &eventv1.WorkersPlaced{
		JobRunId: p.run.ID,
		Attempt:  p.attempt,
		NodeId:   share.Node,
		Type:     eventv1.WorkerType(as),
		Size:     wire.Size(size),
	}
	for range share.Count {
		n := number()
		placed.Workers = append(placed.Workers, &eventv1.PlacedWorker{
			WorkerId: p.ids.NewID(),
			Number:   n,
			Epoch:    nextEpoch(p.draft.View(), p.run.ID, p.attempt, n),
		})
	}
	p.draft.Add(placed)
}
