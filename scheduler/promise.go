package scheduler

import (
	"cmp"
	"slices"

	"github.com/headrace/headrace/internal/resource"
)

// Promise keeps room on nodes of one zone for a request that waits. A zone has one at most. It names no more than is
// kept: the request itself is placed wherever it fits first.
type Promise struct {
	Run   string
	Zone  string
	Nodes []Promised // by node
	Made  int64      // when, as in Bounds.Now
	Due   int64      // when all has ended that it waits for, if it takes as long as it may
}

// Promised is what a promise keeps of one node.
type Promised struct {
	Node string
	Room resource.Room
}

// promise is a promise while a plan is made.
type promise struct {
	Promise
	line  *line // its first ask has the promise
	zone  int
	nodes []keeping
}

// keeping is a node of a promise.
type keeping struct {
	node *node
	room resource.Room // promised
	kept resource.Room // taken off what is free
}

// SetPromises says what the last plan promised.
func (c *Cluster) SetPromises(all []Promise) { c.promises = all }

// promised returns the promises that are worth keeping, the highest priority first, then the oldest.
func (p *planner) promised() (all []*promise) {
	for i := range p.cluster.promises {
		if kept := p.resolve(&p.cluster.promises[i]); kept != nil {
			all = append(all, kept)
		}
	}
	slices.SortFunc(all, func(x, y *promise) int {
		return cmp.Or(
			cmp.Compare(y.line.key.priority, x.line.key.priority),
			cmp.Compare(x.Made, y.Made),
			cmp.Compare(x.Run, y.Run),
		)
	})
	return all
}

// resolve finds what a promise names. It is nil if the promise is not worth keeping: its run asks for something else, a
// node is gone, no longer serves or offers too little, or it should have come true by now.
func (p *planner) resolve(from *Promise) *promise {
	ask := p.cluster.asks[from.Run]
	zone, known := slices.BinarySearch(p.cluster.zones, from.Zone)
	if ask == nil || ask.line.request == nil || !known || from.Due < p.cluster.bounds.Now {
		return nil
	}
	made := &promise{Promise: *from, line: ask.line, zone: zone}
	for _, promised := range from.Nodes {
		n := p.cluster.nodes[promised.Node]
		if n == nil || n.zone != zone || !p.servedBy(n, ask.line.request) ||
			!offered(n.Capacity).Holds(promised.Room.Vector, promised.Room.Slots) {
			return nil
		}
		made.nodes = append(made.nodes, keeping{node: n, room: promised.Room})
	}
	return made
}

// servedBy says whether a node serves some of a request. What a node offers, its labels, and who has refused to start
// the run change while a promise stands.
func (p *planner) servedBy(n *node, r *Request) bool {
	driver := p.cluster.demand(&r.Needs, r.Driver).pool
	worker := p.cluster.demand(&r.Needs, r.Worker).pool
	return !slices.Contains(r.Needs.Avoid, n.ID) && (n.in(driver.zones[n.zone]) || n.in(worker.zones[n.zone]))
}

// keepPromises serves those first that have a promise, of all priorities from one on. What they leave free of what is
// promised to them is kept from all that follow. It says whether it did anything.
func (p *planner) keepPromises(priority uint32) (done bool) {
	for len(p.toKeep) > 0 && p.toKeep[0].line.key.priority >= priority {
		next := p.toKeep[0]
		p.toKeep = p.toKeep[1:]
		if p.serveFirst(next.line) {
			next.Run = next.line.verdict.first.run
			p.keep(next)
		}
		done = true
	}
	return done
}

// serveFirst serves the oldest of a line before its turn. It says whether that still waits for room.
func (p *planner) serveFirst(l *line) bool {
	a := l.owner.application
	if len(a.pools) > 0 {
		p.fillPools(a)
		a.pools = nil
	}
	i := slices.IndexFunc(a.heads, func(h *head) bool { return h.line == l })
	if i >= 0 {
		p.serveLine(a, i)
	}
	return l.judged == p.cluster.plans && l.verdict.waitsForRoom()
}

// waitsForRoom says whether the first that waits lacks room alone, or had no turn in this plan.
func (v *verdict) waitsForRoom() bool { return v.kind == WaitNoRoom || v.kind == WaitNextPlan }

// keep takes what is free of a promise off its nodes.
func (p *planner) keep(made *promise) {
	p.kept = append(p.kept, made)
	p.withhold(made)
}

// withhold takes what is free of a promise off its nodes.
func (p *planner) withhold(made *promise) {
	for i := range made.nodes {
		k := &made.nodes[i]
		k.kept = overlap(k.node.free, k.room)
		p.cluster.take(k.node, k.kept.Vector, k.kept.Slots)
	}
}

func negated(v resource.Vector) resource.Vector { return resource.Vector{}.Sub(v) }

// release gives back what was kept for a promise.
func (p *planner) release(made *promise) {
	for i := range made.nodes {
		k := &made.nodes[i]
		p.cluster.take(k.node, negated(k.kept.Vector), -k.kept.Slots)
		k.kept = resource.Room{}
	}
}

// overlap is what is in both rooms; nothing of what one of them lacks.
func overlap(x, y resource.Room) resource.Room {
	return resource.Room{
		Vector: resource.Vector{
			MilliCPU:  max(min(x.MilliCPU, y.MilliCPU), 0),
			MemoryMiB: max(min(x.MemoryMiB, y.MemoryMiB), 0),
			DiskMiB:   max(min(x.DiskMiB, y.DiskMiB), 0),
		},
		Slots: max(min(x.Slots, y.Slots), 0),
	}
}

// promises returns what the plan promises, by zone.
func (p *planner) promises() (all []Promise) {
	for _, made := range p.kept {
		made.Nodes = nil
		for _, k := range made.nodes {
			made.Nodes = append(made.Nodes, Promised{k.node.ID, k.room})
		}
		all = append(all, made.Promise)
	}
	slices.SortFunc(all, func(x, y Promise) int { return cmp.Compare(x.Zone, y.Zone) })
	return all
}
