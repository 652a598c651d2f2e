package scheduler

import (
	"cmp"
	"math"

	"github.com/headrace/headrace/internal/resource"
)

// request places the oldest attempt of a line: its driver and initial set, in one zone. Or it says why not.
func (p *planner) request(a *application, h *head) *verdict {
	if h.shape == nil {
		if why := p.lookAt(a, h); why != nil {
			return h.ask.because(why)
		}
	}
	f, why := p.find(a, h.line.request, h.shape, h.count)
	switch {
	case why != nil:
		return h.ask.because(why)
	case p.full || p.placed > 0 && f.workers() > p.bound-p.placed:
		p.full = true
		return h.ask.because(nextPlan(f.workers(), p.placed, p.bound))
	}
	placement := Placement{Run: h.ask.run, Attempt: h.ask.attempt, Zone: p.cluster.zones[f.zone]}
	ends := int64(0)
	if longest := h.line.key.longest; longest > 0 {
		ends = p.cluster.bounds.Now + longest
	}
	p.commit(a, placement, f, h.shape.driver, h.shape.worker, ends)
	return nil
}

// lookAt finds what all requests of a line have in common, or says why none of them can be placed.
func (p *planner) lookAt(a *application, h *head) *reason {
	s, why := p.shapeOf(a, h.line)
	if why != nil {
		return why
	}
	h.count, why = p.initialSet(a, h.line.request, s)
	if why != nil {
		return why
	}
	h.shape = s
	return nil
}

// initialSet returns how many workers start with the driver: as many of those wanted as the limits, the best zone and
// one whole plan could ever hold, but never fewer than the minimum.
func (p *planner) initialSet(a *application, r *Request, s *shape) (int64, *reason) {
	within := p.everWithin(a, s, a.Limit)
	affordable := p.everWithin(a, s, p.quota)
	least := int64(r.Minimum)
	switch {
	case least > s.best:
		return 0, p.tooLarge(a, s, least)
	case least > within:
		return 0, overLimit(a, s, least)
	case least > affordable:
		return 0, p.overQuota(a, s, least)
	}
	return max(min(int64(r.Initial), within, affordable, p.bound-1), least), nil
}

// everWithin returns how many workers a limit could ever allow beside the driver in the zone where these are most; -1:
// not even the driver.
func (p *planner) everWithin(a *application, s *shape, limit resource.Vector) int64 {
	if limit.IsZero() {
		return s.best
	}
	most := int64(-1)
	for _, z := range s.zones {
		if z.room >= 0 {
			most = max(most, z.slots+min(z.room, p.everBeside(a, s, z, limit)))
		}
	}
	return most
}

// startsIn returns how many workers start in a zone: as many as in the best zone, or fewer if the application has slots
// in it and the limits never allow so many workers beside its slots. Such a zone is as full as it can be, so waiting
// would not help.
func (p *planner) startsIn(a *application, r *Request, s *shape, zone int, count int64) int64 {
	z := s.zones[zone]
	if z.slots == 0 {
		return count
	}
	ever := z.slots + min(p.everBeside(a, s, z, a.Limit), p.everBeside(a, s, z, p.quota))
	if ever < int64(r.Minimum) {
		return count
	}
	return min(count, ever)
}

// everBeside returns how many workers a limit could ever allow beside all slots of the application and, if no slot
// serves the driver, beside the driver. It is far below zero if the limit does not even allow that driver.
func (p *planner) everBeside(a *application, s *shape, z extent, limit resource.Vector) int64 {
	if limit.IsZero() {
		return math.MaxUint32
	}
	used := a.stock.promised()
	if z.drivers == 0 {
		used = used.Add(s.driver.size)
	}
	if z.drivers == 0 && !used.WithinLimit(limit) {
		return math.MinInt64 / 2
	}
	return countWithin(limit, used, s.worker.size, math.MaxUint32)
}

// countWithin counts how often size can be added to used, at most bound times, before limit is passed.
func countWithin(limit, used, size resource.Vector, bound int64) int64 {
	if !used.Add(size).WithinLimit(limit) {
		return 0
	}
	room := resource.Vector{
		MilliCPU:  unbounded(limit.MilliCPU),
		MemoryMiB: unbounded(limit.MemoryMiB),
		DiskMiB:   unbounded(limit.DiskMiB),
	}
	return size.Count(room.Sub(used), bound)
}

// unbounded reads a part of a limit: zero is no limit.
func unbounded(part int64) int64 {
	if part == 0 {
		return math.MaxInt64 / 2
	}
	return part
}

// find tries the zones in order of preference. Slots come first; what they do not give has to fit in the limits and in
// the zone.
func (p *planner) find(a *application, r *Request, s *shape, count int64) (fit, *reason) {
	var limited *reason
	room := false // a zone was within the limits
	for o := range p.options(a, r, s, count) {
		f := fit{zone: o.zone}
		if o.slots != nil {
			f = *o.slots
		}
		rest := o.count - int64(len(f.slots))
		need := s.worker.size.Times(rest)
		if f.driverSlot == nil {
			need = need.Add(s.driver.size)
		}
		if why := p.limited(a, need); why != nil {
			limited = cmp.Or(limited, why)
			continue
		}
		room = true
		if s.complete(&f, rest, r.AvoidNode, o.tier) {
			return f, nil
		}
	}
	if limited != nil && !room {
		return fit{}, limited
	}
	return fit{}, p.noRoom(s, count)
}

// limited says which limit so much more would pass; nil if none.
func (p *planner) limited(a *application, need resource.Vector) *reason {
	switch {
	case need.IsZero():
		return nil
	case !a.used.Add(need).WithinLimit(a.Limit):
		return limitHeld(a.ID, a.Limit, a.used, need)
	case !p.held.Add(need).WithinLimit(p.quota):
		return quotaHeld(p.quota, p.held, need)
	}
	return nil
}

// complete finds room in the zone of a fit for what has no slot, on the nodes of a tier. The node that should be
// avoided is used only if no other serves, preferred or not: so only with the last tier.
func (s *shape) complete(f *fit, rest int64, avoidNode string, tier int) bool {
	failed := &s.failed[tier*len(s.zones)+f.zone]
	if f.driverSlot == nil && rest >= *failed {
		return false
	}
	if avoidNode != "" {
		if s.findIn(f, rest, tier, func(n *node) bool { return n.ID != avoidNode && s.mayUse(n) }) {
			return true
		}
		if tier < len(s.tiers)-1 {
			return false
		}
	}
	if s.findIn(f, rest, tier, s.mayUse) {
		return true
	}
	if f.driverSlot == nil {
		*failed = rest
	}
	return false
}

// findIn looks for workers, and for the driver if it has no slot.
func (s *shape) findIn(f *fit, count int64, tier int, use allowed) (ok bool) {
	if f.driverSlot == nil {
		var found fit
		if found, ok = s.tiers[tier].fit(f.zone, count, use); ok {
			f.driver = found.driver
			f.shares = found.shares
		}
		return ok
	}
	shares, left := s.tiers[tier].worker.spread(f.zone, count, use)
	if left == 0 {
		f.shares = shares
	}
	return left == 0
}
