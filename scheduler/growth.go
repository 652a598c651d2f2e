package scheduler

import "slices"

// grow places as many of the workers that the oldest growing run of a line wants as slots, limits, the plan's bound and
// the zone allow. It says why the rest waits.
func (p *planner) grow(a *application, h *head) *verdict {
	g := h.line.growth
	d := p.cluster.demand(&g.Needs, g.Worker)
	if why := p.unserved(d.pool, g.Needs.Avoid); why != nil {
		return h.ask.because(why)
	}
	zone, known := slices.BinarySearch(p.cluster.zones, g.Zone)
	if !known {
		return h.ask.short(int64(h.ask.count), func(count int64) *reason { return zoneGone(g, count) })
	}
	return p.growIn(a, h, zone, d)
}

// short returns the verdict on a line of which the first run still wants so many workers.
func (a *ask) short(missing int64, each func(int64) *reason) *verdict {
	return &verdict{first: a, reason: *each(missing), each: each}
}

// growIn places workers in their run's zone, on slots first.
func (p *planner) growIn(a *application, h *head, zone int, d demand) *verdict {
	g := h.line.growth
	count := int64(h.ask.count)
	allowed := p.allowance(a, d.size)
	f := fit{zone: zone, slots: p.growthSlots(a, g, zone, min(count, allowed.plan))}
	given := int64(len(f.slots))
	wanted := count - given
	allowed.plan -= given
	mayUse := func(n *node) bool { return !slices.Contains(g.Needs.Avoid, n.ID) }
	f.shares, _ = d.spread(zone, allowed.of(wanted), mayUse)
	placed := total(f.shares)
	if placed > 0 || given > 0 {
		placement := Placement{Run: h.ask.run, Attempt: h.ask.attempt, Zone: g.Zone}
		p.commit(a, placement, f, demand{}, d, h.ask.ends)
	}
	if placed == wanted {
		return nil
	}
	each := p.exhausted(a, d.size, allowed, placed)
	if each == nil {
		each = p.noRoomToGrow(d, zone)
	}
	return h.ask.short(wanted-placed, each)
}

// growthSlots returns at most so many free slots of the zone for the wanted workers.
func (p *planner) growthSlots(a *application, g *Growth, zone int, count int64) []*slot {
	return a.stock.pick(zone, g.WorkerRole, g.Worker, count, &g.Needs, "")
}

func total(shares []share) (sum int64) {
	for _, s := range shares {
		sum += s.count
	}
	return sum
}
