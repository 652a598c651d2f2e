package scheduler

import (
	"math"
	"slices"
)

// pair is a driver and a worker beside it.
type pair struct{ driver, worker demand }

// maxShapes bounds the shapes that are kept between plans, those of applications with slots included; if more were
// measured, all are measured anew.
const maxShapes = 4096

// shape is what requests of the same sizes and needs share: where they may go, and what is known about them. What it
// says of empty zones holds until nodes come, go or offer something else.
type shape struct {
	pair
	driverRole, workerRole Role
	needs                  Needs    // its nodes to avoid are in order
	tiers                  []pair   // the same, for the nodes of each tier only: the preferred ones first, all last
	zones                  []extent // by zone
	best                   int64    // how many workers the best zone could hold beside the driver; -1: not even that
	plain                  *shape   // the same without the application's slots; nil: there are none

	plan uint64 // the newest plan that asked for it
	// failed is, by tier and zone, the smallest number of workers that found no room in that plan. Room only shrinks, so
	// a search for as many again would be in vain.
	failed []int64
}

// shapeOf returns the shape of a line's requests, or why no node can serve it.
func (p *planner) shapeOf(a *application, l *line) (*shape, *reason) {
	r := l.request
	driver := p.cluster.demand(&r.Needs, r.Driver)
	worker := p.cluster.demand(&r.Needs, r.Worker)
	if why := p.unserved(driver.pool, r.Needs.Avoid); why != nil {
		return nil, why
	}
	if why := p.unserved(worker.pool, r.Needs.Avoid); why != nil && max(r.Initial, r.Minimum) > 0 {
		return nil, why
	}
	key := l.key.shapeKey
	s := p.cluster.shapes[key]
	if s == nil {
		s = &shape{
			pair:       pair{driver, worker},
			driverRole: r.DriverRole,
			workerRole: r.WorkerRole,
			needs:      r.Needs,
		}
		for i := range driver.tiers() {
			s.tiers = append(s.tiers, pair{driver.upTo(i), worker.upTo(i)})
		}
		p.measure(s)
		p.cluster.shapes[key] = s
		p.cluster.shaped++
	}
	if a.stock != nil {
		plain := s
		if s = a.stock.shapes[key]; s == nil || s.plain != plain {
			s = p.withStock(plain, a.stock)
			a.stock.shapes[key] = s
			p.cluster.shaped++
		}
	}
	s.begin(p.cluster.plans)
	return s, nil
}

// begin forgets what an earlier plan learnt.
func (s *shape) begin(plan uint64) {
	if s.plan == plan {
		return
	}
	s.plan = plan
	if s.plain != nil {
		s.plain.begin(plan)
		copy(s.failed, s.plain.failed)
		return
	}
	for zone := range s.failed {
		s.failed[zone] = math.MaxInt64
	}
}

// forget forgets what this plan learnt of a zone, which has more room now.
func (s *shape) forget(zone int) {
	for tier := range s.tiers {
		s.failed[tier*len(s.zones)+zone] = math.MaxInt64
	}
}

// measure looks at every zone of a new shape.
func (p *planner) measure(s *shape) {
	s.failed = make([]int64, len(s.tiers)*len(p.cluster.zones))
	s.zones = make([]extent, len(p.cluster.zones))
	for zone := range s.zones {
		s.zones[zone] = s.empty(zone, p.cluster.refused(s.needs.Avoid))
	}
	s.best = bestOf(s.zones)
}

// withStock returns the same shape for an application with slots.
func (p *planner) withStock(plain *shape, stock *stock) *shape {
	s := *plain
	s.plain = plain
	s.plan = 0
	s.failed = make([]int64, len(plain.failed))
	s.zones = make([]extent, len(plain.zones))
	for zone := range s.zones {
		s.zones[zone] = s.beside(zone, stock, p.cluster.refused(s.needs.Avoid))
	}
	s.best = bestOf(s.zones)
	return &s
}

// bestOf returns how many workers the best zone could hold beside the driver; -1: not even the driver.
func bestOf(zones []extent) int64 {
	best := int64(-1)
	for _, z := range zones {
		if z.room >= 0 {
			best = max(best, z.slots+z.room)
		}
	}
	return best
}

// refused returns those of the nodes that are there.
func (c *Cluster) refused(ids []string) (nodes []*node) {
	for _, id := range ids {
		if n := c.nodes[id]; n != nil {
			nodes = append(nodes, n)
		}
	}
	return nodes
}

// mayUse says whether the node has not refused.
func (s *shape) mayUse(n *node) bool {
	return len(s.needs.Avoid) == 0 || !slices.Contains(s.needs.Avoid, n.ID)
}

// boundShapes drops all shapes when they are too many. Those that were dropped since count as well.
func (c *Cluster) boundShapes() {
	if c.shaped > maxShapes {
		c.forgetShapes()
	}
}

// forgetShapes drops all shapes, also those of applications with slots.
func (c *Cluster) forgetShapes() {
	c.shaped = 0
	clear(c.shapes)
	for _, o := range c.owners {
		o.stock.forgetShapes()
	}
}
