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
	failed         []int64  // by zone: so many workers found no room, and room only shrinks, so a search would be in vain
}

// extent is what a zone could hold of a shape if nothing else were in it but the application's own slots.
type extent struct {
	drivers int64 // slots that serve the driver
	slots   int64 // slots that serve its workers
	room    int64 // workers beside them, and beside a driver that has no slot; -1: not even the driver
}

// most returns how many workers the best zone could hold beside the driver; -1: not even the driver.
func (s *shape) most() int64 {
	most := int64(-1)
	for _, z := range s.zones {
		if z.room >= 0 {
			most = max(most, z.slots+z.room)
		}
	}
	return most
}

// shapeKey is what makes two shapes the same.
type shapeKey struct {
	driver, worker        resource.Size
	release, architecture string
	cached                bool
	avoid                 string
}

// shapeOf returns the request's shape, or why no node can serve it.
func (p *planner) shapeOf(a *application, r *Request) (*shape, *reason) {
	avoid := slices.Sorted(slices.Values(r.Needs.Avoid))
	key := shapeKey{r.Driver, r.Worker, r.Needs.Release, r.Needs.Architecture, r.Needs.ReleaseCached, strings.Join(avoid, "\x00")}
	shapes := p.shapes
	if a.stock != nil {
		shapes = a.stock.shapes
	}
	driver, worker := p.cluster.demand(&r.Needs, r.Driver), p.cluster.demand(&r.Needs, r.Worker)
	if why := driver.pool.unserved(avoid); why != nil {
		return nil, why
	}
	if why := worker.pool.unserved(avoid); why != nil && max(r.Initial, r.Minimum) > 0 {
		return nil, why
	}
	if s := shapes[key]; s != nil {
		return s, nil
	}
	s := &shape{driver: driver, worker: worker, avoid: avoid}
	for zone := range p.cluster.zones {
		s.failed = append(s.failed, math.MaxInt64)
		s.zones = append(s.zones, s.extent(a.stock, zone, r))
	}
	shapes[key] = s
	return s, nil
}

// extent looks at an empty zone.
func (s *shape) extent(stock *stock, zone int, r *Request) extent {
	z := extent{drivers: stock.heldIn(zone, r.DriverRole, r.Driver), slots: stock.heldIn(zone, r.WorkerRole, r.Worker), room: -1}
	if z.drivers > 0 {
		z.room = s.worker.count(zone, s.mayUse, stock.beyond)
	} else if driver, workers := s.cheapestDriver(zone, s.mayUse, stock.beyond); driver != nil {
		z.room = workers
	}
	return z
}

// mayUse says whether the node has not refused.
func (s *shape) mayUse(n *node) bool {
	return len(s.avoid) == 0 || !slices.Contains(s.avoid, n.ID)
}
