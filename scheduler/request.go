package scheduler

import (
	"cmp"
	"math"

	"github.com/headrace/headrace/internal/resource"
)

// request places an attempt's driver and initial set in one zone, or says why not.
func (p *planner) request(a *application, r *Request) *reason {
	if a.blocked != "" {
		return behind(a)
	}
	s, why := p.shapeOf(a, r)
	if why != nil {
		return why
	}
	count, why := p.initialSet(a, r, s)
	if why != nil {
		return why
	}
	f, why := p.find(a, r, s, count)
	switch {
	case why != nil:
		return why
	case p.full || p.placed > 0 && f.workers() > p.bound-p.placed:
		p.full = true
		return p.nextTurn(f.workers())
	}
	p.commit(a, Placement{Run: r.Run, Attempt: r.Attempt, Zone: p.cluster.zones[f.zone]}, f, s.driver, s.worker)
	return nil
}

// initialSet is how many workers start with the driver: what is wanted, as far as the limits, the best zone and one whole plan
// could ever hold it, and never below the minimum.
func (p *planner) initialSet(a *application, r *Request, s *shape) (int64, *reason) {
	within, affordable := int64(-1), int64(-1)
	for _, z := range s.zones {
		if z.room >= 0 {
			within = max(within, z.slots+min(z.room, p.everBeside(a, s, z, a.Limit)))
			affordable = max(affordable, z.slots+min(z.room, p.everBeside(a, s, z, p.quota)))
		}
	}
	most, least := s.most(), int64(r.Minimum)
	switch {
	case least > most:
		return 0, p.tooLarge(a, s, least)
	case least > within:
		return 0, overLimit(a, s, least)
	case least > affordable:
		return 0, p.overQuota(a, s, least)
	}
	return max(min(int64(r.Initial), within, affordable, p.bound-1), least), nil
}

// startsWith is how many workers start in a zone: those of the best zone, or fewer where the application has slots, but the limits
// never leave so many beside them. A zone is full then, and nothing to wait for.
func (p *planner) startsWith(a *application, r *Request, s *shape, zone int, count int64) int64 {
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

// everBeside is how many workers a limit could ever allow on top of all slots of the application, and of a driver that has none;
// far below zero if not even that driver.
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

// find tries the zones in order of preference. Slots come first; what they do not give has to fit in the limits and in the zone.
func (p *planner) find(a *application, r *Request, s *shape, count int64) (fit, *reason) {
	var limited *reason
	room := false // a zone was within the limits
	for _, o := range p.options(a, r, s, count) {
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
		if s.complete(&f, rest, r.AvoidNode) {
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
	case !a.Used.Add(need).WithinLimit(a.Limit):
		return limitHeld(a, need)
	case !p.held.Add(need).WithinLimit(p.quota):
		return p.quotaHeld(need)
	}
	return nil
}

// complete finds room in the zone of a fit for what has no slot.
func (s *shape) complete(f *fit, rest int64, avoidNode string) bool {
	if f.driverSlot == nil {
		found, ok := s.findIn(f.zone, rest, avoidNode)
		f.driver, f.shares = found.driver, found.shares
		return ok
	}
	for _, use := range []allowed{func(n *node) bool { return n.ID != avoidNode && s.mayUse(n) }, s.mayUse} {
		if shares, left := s.worker.spread(f.zone, rest, use); left == 0 {
			f.shares = shares
			return true
		}
	}
	return false
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
