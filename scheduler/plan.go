package scheduler

import (
	"cmp"
	"container/heap"
	"math"
	"slices"

	"github.com/headrace/headrace/internal/resource"
)

// Plan decides where what waits and what grows is placed, and says for everything else why it waits. The same input in
// any order gives the same plan.
func Plan(in Input) Output {
	p := &planner{
		cluster: newCluster(in.Nodes),
		shapes:  map[shapeKey]*shape{},
		bound:   math.MaxInt64,
		quota:   resource.Vector{MilliCPU: in.AccountCPU},
		held:    resource.Vector{MilliCPU: in.AccountUsed},
	}
	if in.MaxWorkers > 0 {
		p.bound = int64(in.MaxWorkers)
	}
	queue := newQueue(in, p.cluster.total, p.cluster.stocks(in))
	for queue.Len() > 0 {
		if p.serve(queue.first()) {
			queue.settle()
		} else {
			heap.Pop(queue)
		}
	}
	return p.plan
}

// planner makes one plan.
type planner struct {
	cluster *cluster
	shapes  map[shapeKey]*shape
	plan    Output
	placed  int64           // workers in the plan
	bound   int64           // workers that it may have
	quota   resource.Vector // what the account may hold; a zero part has no limit
	held    resource.Vector // what it holds, the plan included
	full    bool            // something did not fit in the bound: all that comes later waits for the next plan
}

// serve decides the next demand of an application: its pools, then a request, then growth. It returns false if there is
// none left.
func (p *planner) serve(a *application) bool {
	switch {
	case len(a.pools) > 0:
		p.fillPools(a)
		a.pools = nil
	case len(a.requests) > 0:
		r := a.requests[0]
		a.requests = a.requests[1:]
		if why := p.request(a, r); why != nil {
			p.wait(r.Run, r.Attempt, a, why)
		}
	case len(a.growing) > 0:
		g := a.growing[0]
		a.growing = a.growing[1:]
		if why := p.grow(a, g); why != nil {
			p.wait(g.Run, g.Attempt, a, why)
		}
	default:
		return false
	}
	return true
}

func (p *planner) wait(run string, attempt uint32, a *application, why *reason) {
	if why.kind == WaitApplicationLimit && a.blocked == "" {
		a.blocked = run
	}
	p.plan.Waits = append(p.plan.Waits, Wait{run, a.ID, attempt, why.kind, why.message})
}

// commit takes the room of a fit and writes the placement down.
func (p *planner) commit(a *application, placement Placement, f fit, driver, worker demand) {
	for _, s := range f.shares {
		p.take(a, s, worker.size)
		placement.Shares = append(placement.Shares, Share{s.node.ID, uint32(s.count)})
	}
	slices.SortFunc(placement.Shares, func(x, y Share) int { return cmp.Compare(x.Node, y.Node) })
	if f.driver != nil {
		p.take(a, share{f.driver, 1}, driver.size)
		placement.Driver = f.driver.ID
	}
	p.commitSlots(a, &placement, f)
	p.plan.Placements = append(p.plan.Placements, placement)
}

// commitSlots takes the slots of a fit off their shelf.
func (p *planner) commitSlots(a *application, placement *Placement, f fit) {
	if slot := f.driverSlot; slot != nil {
		placement.Driver = slot.Node
		placement.DriverSlot = slot.ID
		a.stock.use(f.zone, []*Slot{slot})
		p.placed++
	}
	if len(f.slots) == 0 {
		return
	}
	for _, slot := range f.slots {
		placement.Slots = append(placement.Slots, slot.ID)
	}
	a.stock.use(f.zone, f.slots)
	p.placed += int64(len(f.slots))
}

// take holds new slots on a node for an application.
func (p *planner) take(a *application, s share, size resource.Vector) {
	sum := size.Times(s.count)
	p.cluster.take(s.node, sum, s.count)
	p.placed += s.count
	a.Used = a.Used.Add(sum)
	p.held = p.held.Add(sum)
}
