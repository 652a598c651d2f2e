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
	c := NewClusterOf(in)
	out := c.Plan()
	out.Waits = slices.Collect(c.Waits())
	return out
}

// Plan decides where what waits and what grows is placed. The same cluster gives the same plan, however it came to be
// as it is. Why everything else waits, Wait and Waits say until the next plan.
func (c *Cluster) Plan() Output {
	c.plans++
	clear(c.left)
	c.left = c.left[:0]
	c.settle()
	p := &planner{
		cluster: c,
		bound:   math.MaxInt64,
		quota:   resource.Vector{MilliCPU: c.bounds.AccountCPU},
		held:    resource.Vector{MilliCPU: c.bounds.AccountUsed},
		given:   map[string]bool{},
		open:    c.openRules(),

		occupants: map[*node][]Occupant{},
	}
	if c.bounds.MaxWorkers > 0 {
		p.bound = int64(c.bounds.MaxWorkers)
	}
	queue := newQueue(c)
	p.toKeep = p.promised()
	for queue.Len() > 0 {
		if len(p.toKeep) > 0 && p.keepPromises(queue.first().next) {
			queue.settleAll()
			continue
		}
		if p.serve(queue.first()) {
			queue.settle()
		} else {
			heap.Pop(queue)
		}
	}
	p.look()
	p.plan.Promises = p.promises()
	c.made = p.plan.Promises
	for _, made := range p.kept {
		made.say()
	}
	c.forgetPools()
	c.boundShapes()
	return p.plan
}

// planner makes one plan.
type planner struct {
	cluster *Cluster
	plan    Output
	placed  int64           // workers in the plan
	bound   int64           // workers that it may have
	quota   resource.Vector // what the account may hold; a zero part has no limit
	held    resource.Vector // what it holds, the plan included
	full    bool            // something did not fit in the bound: all that comes later waits for the next plan
	toKeep  []*promise      // of which the turn has not come yet, in its order
	kept    []*promise      // for which room is kept
	ends    int64           // when what is being placed has surely ended; 0: never
	taken   []taken         // what is placed and surely ends, if promises are looked for
	given   map[string]bool // free slots that are used
	grounds map[groundKey]*ground
	open    map[string]bool // the rules about labels that it looks at; nil: all

	occupants map[*node][]Occupant // of the nodes that were looked at
}

// taken is what the plan in the making places on a node.
type taken struct {
	node *node
	Occupant
	slots int64
}

// serve decides the next demand of an application: its pools, then a request, then growth. It returns false if there is
// none left.
func (p *planner) serve(a *application) bool {
	switch {
	case len(a.pools) > 0:
		p.fillPools(a)
		a.pools = nil
	case len(a.heads) > 0:
		p.serveLine(a, 0)
	default:
		return false
	}
	return true
}

// serveLine decides for the oldest ask of a line that is not decided yet. If it is not placed whole, the line is left.
func (p *planner) serveLine(a *application, i int) {
	h := a.heads[i]
	v := p.decide(a, h)
	if v == nil {
		a.heads.advance(i)
		return
	}
	heap.Remove(&a.heads, i)
	if v.kind == WaitApplicationLimit && a.blocked == "" {
		a.blocked = h.ask.run
		v.rest = blockedBy(a)
	}
	h.line.judged = p.cluster.plans
	h.line.verdict = *v
	p.cluster.left = append(p.cluster.left, left{a.owner, h.line})
}

// decide places the oldest ask of a line as far as it can, and says why not whole.
func (p *planner) decide(a *application, h *head) *verdict {
	if a.blocked != "" {
		return h.ask.because(blockedBy(a))
	}
	if later := p.later(h.line.needs()); later != nil {
		return h.ask.because(later)
	}
	if h.line.key.grows {
		return p.grow(a, h)
	}
	return p.request(a, h)
}

// commit takes the room of a fit and writes the placement down. What is placed surely ends at a time; 0: it may not.
func (p *planner) commit(a *application, placement Placement, f fit, driver, worker demand, ends int64) {
	p.ends = ends
	defer func() { p.ends = 0 }()
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
		p.use(a, slot)
	}
	for _, slot := range f.slots {
		placement.Slots = append(placement.Slots, slot.ID)
		p.use(a, slot)
	}
}

// use gives a worker a slot.
func (p *planner) use(a *application, s *slot) {
	a.stock.use(s)
	p.given[s.ID] = true
	p.placed++
}

// take holds new slots on a node for an application.
func (p *planner) take(a *application, s share, size resource.Vector) {
	sum := size.Times(s.count)
	p.cluster.take(s.node, sum, s.count)
	p.placed += s.count
	a.used = a.used.Add(sum)
	p.held = p.held.Add(sum)
	if p.ends > 0 && p.cluster.bounds.Look {
		p.taken = append(p.taken, taken{s.node, Occupant{Size: sum, Ends: p.ends}, s.count})
	}
}
