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
	most           int64    // workers that the best zone could hold beside the driver if it were empty; -1: not even the driver
	failed         []int64  // by zone: so many workers found no room, and room only shrinks, so a search would be in vain
}

// shapeKey is what makes two shapes the same.
type shapeKey struct {
	driver, worker        resource.Size
	release, architecture string
	cached                bool
	avoid                 string
}

// shapeOf returns the request's shape, or why no node can serve it.
func (p *planner) shapeOf(r *Request) (*shape, *reason) {
	avoid := slices.Sorted(slices.Values(r.Needs.Avoid))
	key := shapeKey{r.Driver, r.Worker, r.Needs.Release, r.Needs.Architecture, r.Needs.ReleaseCached, strings.Join(avoid, "\x00")}
	driver, worker := p.cluster.demand(&r.Needs, r.Driver), p.cluster.demand(&r.Needs, r.Worker)
	if why := driver.pool.unserved(avoid); why != nil {
		return nil, why
	}
	if why := worker.pool.unserved(avoid); why != nil && max(r.Initial, r.Minimum) > 0 {
		return nil, why
	}
	if s := p.shapes[key]; s != nil {
		return s, nil
	}
	s := &shape{driver: driver, worker: worker, avoid: avoid, most: -1}
	for zone := range p.cluster.zones {
		s.failed = append(s.failed, math.MaxInt64)
		if driver, workers := s.cheapestDriver(zone, s.mayUse, capacity); driver != nil {
			s.most = max(s.most, workers)
		}
	}
	p.shapes[key] = s
	return s, nil
}

func capacity(n *node) resource.Vector { return n.Capacity }

// mayUse says whether the node has not refused.
func (s *shape) mayUse(n *node) bool {
	return len(s.avoid) == 0 || !slices.Contains(s.avoid, n.ID)
}
