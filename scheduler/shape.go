package scheduler

import (
	"math"
	"slices"
	"strings"

	"github.com/headrace/headrace/internal/resource"
)

// shape is what requests of the same sizes and needs share: where they may go, and what the plan has learnt about them.
type shape struct {
	driver, worker demand
	avoid          []string // ids of nodes, never used
	zones          []extent // by zone
	plain          *shape   // the same without the application's slots; nil: there are none
	// failed is, by zone, the smallest number of workers that found no room. Room only shrinks, so a search for as many
	// again would be in vain.
	failed []int64
}

// extent is what a zone could hold of a shape if nothing else were in it but the application's own slots.
type extent struct {
	drivers int64 // slots that serve the driver
	slots   int64 // slots that serve its workers
	alone   int64 // workers beside all slots, without any driver
	room    int64 // workers beside all slots, and beside a driver that has none; -1: not even the driver
}

// bestZone returns how many workers the best zone could hold beside the driver; -1: not even the driver.
func (s *shape) bestZone() int64 {
	best := int64(-1)
	for _, z := range s.zones {
		if z.room >= 0 {
			best = max(best, z.slots+z.room)
		}
	}
	return best
}

// shapeKey is what makes two shapes the same.
type shapeKey struct {
	driver, worker         resource.Size
	driverRole, workerRole Role
	release, architecture  string
	cached                 bool
	avoid                  string
}

// shapeOf returns the request's shape, or why no node can serve it.
func (p *planner) shapeOf(a *application, r *Request) (*shape, *reason) {
	avoid := slices.Sorted(slices.Values(r.Needs.Avoid))
	driver := p.cluster.demand(&r.Needs, r.Driver)
	worker := p.cluster.demand(&r.Needs, r.Worker)
	if why := driver.pool.unserved(avoid); why != nil {
		return nil, why
	}
	if why := worker.pool.unserved(avoid); why != nil && max(r.Initial, r.Minimum) > 0 {
		return nil, why
	}
	key := keyOf(r, avoid)
	s := p.shapes[key]
	if s == nil {
		s = &shape{driver: driver, worker: worker, avoid: avoid}
		p.measure(s)
		p.shapes[key] = s
	}
	if a.stock == nil {
		return s, nil
	}
	if a.stock.shapes[key] == nil {
		a.stock.shapes[key] = p.stocked(s, a.stock, r)
	}
	return a.stock.shapes[key], nil
}

// keyOf returns the key of a request's shape. Its nodes to avoid are in order.
func keyOf(r *Request, avoid []string) shapeKey {
	return shapeKey{
		driver:       r.Driver,
		worker:       r.Worker,
		driverRole:   r.DriverRole,
		workerRole:   r.WorkerRole,
		release:      r.Needs.Release,
		architecture: r.Needs.Architecture,
		cached:       r.Needs.ReleaseCached,
		avoid:        strings.Join(avoid, "\x00"),
	}
}

// measure looks at every zone of a new shape.
func (p *planner) measure(s *shape) {
	for zone := range p.cluster.zones {
		s.failed = append(s.failed, math.MaxInt64)
		s.zones = append(s.zones, s.empty(zone))
	}
}

// empty looks at a zone without slots.
func (s *shape) empty(zone int) extent {
	z := extent{alone: s.worker.count(zone, s.mayUse), room: -1}
	if driver, cost := s.cheapestDriver(zone, s.mayUse, offered); driver != nil {
		z.room = z.alone - cost
	}
	return z
}

// offered is what an empty node has.
func offered(n *node) resource.Room {
	return resource.Room{Vector: n.Capacity, Slots: resource.MaxSlots}
}

// stocked returns the same shape for an application with slots. It looks anew only at nodes that hold some, and at
// every node of a zone only if no slot there serves the driver.
func (p *planner) stocked(s *shape, stock *stock, r *Request) *shape {
	own := &shape{
		driver: s.driver,
		worker: s.worker,
		avoid:  s.avoid,
		plain:  s,
		failed: slices.Clone(s.failed),
		zones:  slices.Clone(s.zones),
	}
	for n := range stock.on {
		if s.mayUse(n) {
			lost := s.worker.on(n, offered(n)) - s.worker.on(n, stock.beyond(n))
			own.zones[p.cluster.zoneOf(n.Zone)].alone -= lost
		}
	}
	for zone := range own.zones {
		own.zones[zone] = s.stockedZone(zone, own.zones[zone].alone, stock, r)
	}
	return own
}

// stockedZone looks at a zone with an application's slots, beside which it could hold so many workers alone.
func (s *shape) stockedZone(zone int, alone int64, stock *stock, r *Request) extent {
	z := extent{
		drivers: stock.heldIn(zone, r.DriverRole, r.Driver, s.avoid),
		slots:   stock.heldIn(zone, r.WorkerRole, r.Worker, s.avoid),
		alone:   alone,
		room:    -1,
	}
	if z.drivers > 0 {
		z.room = z.alone
	} else if driver, cost := s.cheapestDriver(zone, s.mayUse, stock.beyond); driver != nil {
		z.room = z.alone - cost
	}
	return z
}

// mayUse says whether the node has not refused.
func (s *shape) mayUse(n *node) bool {
	return len(s.avoid) == 0 || !slices.Contains(s.avoid, n.ID)
}
