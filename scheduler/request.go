package scheduler

import (
	"cmp"
	"math"
	"slices"

	"github.com/headrace/headrace/internal/resource"
)

// request places an attempt's driver and initial set in one zone, or says why not.
func (p *planner) request(a *application, r *Request) *reason {
	if a.blocked != "" {
		return behind(a)
	}
	s, why := p.shapeOf(r)
	if why != nil {
		return why
	}
	count, why := p.initialSet(a, r, s)
	if why != nil {
		return why
	}
	if need := s.driver.size.Add(s.worker.size.Times(count)); !a.Used.Add(need).WithinLimit(a.Limit) {
		return limitHeld(a, need)
	}
	f, found := p.find(r, s, count)
	switch {
	case !found:
		return p.noRoom(s, count)
	case p.full || p.placed > 0 && 1+count > p.bound-p.placed:
		p.full = true
		return p.nextTurn(1 + count)
	}
	p.commit(a, Placement{Run: r.Run, Attempt: r.Attempt, Zone: p.cluster.zones[f.zone]}, f, s.driver, s.worker)
	return nil
}

// initialSet is how many workers start with the driver: what is wanted, as far as the application's limit, one empty zone
// and one whole plan could ever hold it, and never below the minimum.
func (p *planner) initialSet(a *application, r *Request, s *shape) (int64, *reason) {
	limit := int64(-1)
	if s.driver.size.WithinLimit(a.Limit) {
		limit = countWithin(a.Limit, s.driver.size, s.worker.size, math.MaxUint32)
	}
	switch least := int64(r.Minimum); {
	case least > s.most:
		return 0, p.tooLarge(s, least)
	case least > limit:
		return 0, overLimit(a, s, least)
	}
	return max(min(int64(r.Initial), s.most, limit, p.bound-1), int64(r.Minimum)), nil
}

// countWithin counts how often size can be added to used, at most times, before limit is passed.
func countWithin(limit, used, size resource.Vector, most int64) int64 {
	if !used.Add(size).WithinLimit(limit) {
		return 0
	}
	room := resource.Vector{
		MilliCPU: unbounded(limit.MilliCPU), MemoryMiB: unbounded(limit.MemoryMiB), DiskMiB: unbounded(limit.DiskMiB),
	}
	return size.Count(room.Sub(used), most)
}

// unbounded reads a part of a limit: zero is no limit.
func unbounded(part int64) int64 {
	if part == 0 {
		return math.MaxInt64 / 2
	}
	return part
}

// find tries the zones in order of preference.
func (p *planner) find(r *Request, s *shape, count int64) (fit, bool) {
	for _, zone := range p.preferred(s, r.AvoidZone) {
		if f, ok := s.findIn(zone, count, r.AvoidNode); ok {
			return f, true
		}
	}
	return fit{}, false
}

// findIn tries a zone without and then with the node that should be avoided, and remembers a zone that has no room.
func (s *shape) findIn(zone int, count int64, avoidNode string) (fit, bool) {
	if count >= s.failed[zone] {
		return fit{}, false
	}
	if avoidNode != "" {
		if f, ok := s.fit(zone, count, func(n *node) bool { return n.ID != avoidNode && s.mayUse(n) }); ok {
			return f, true
		}
	}
	f, ok := s.fit(zone, count, s.mayUse)
	if !ok {
		s.failed[zone] = count
	}
	return f, ok
}

// preferred orders the zones: the avoided one last, then by what is left in them, least first, ties by name.
func (p *planner) preferred(s *shape, avoid string) []int {
	order := make([]int, len(p.cluster.zones))
	left := make([]int64, len(order))
	for zone := range order {
		order[zone] = zone
		left[zone] = p.cluster.bulk(s.worker.pool.zones[zone].free)
		if p.cluster.zones[zone] == avoid {
			left[zone] = math.MaxInt64
		}
	}
	slices.SortFunc(order, func(x, y int) int { return cmp.Or(cmp.Compare(left[x], left[y]), cmp.Compare(x, y)) })
	return order
}
