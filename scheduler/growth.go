package scheduler

import "slices"

// grow places as many of the wanted workers as slots, limits, the plan's bound and the zone allow. It says why the rest
// waits.
func (p *planner) grow(a *application, g *Growth) *reason {
	if a.blocked != "" {
		return blockedBy(a)
	}
	d := p.cluster.demand(&g.Needs, g.Worker)
	if why := d.pool.unserved(g.Needs.Avoid); why != nil {
		return why
	}
	zone, known := slices.BinarySearch(p.cluster.zones, g.Zone)
	if !known {
		return zoneGone(g)
	}
	return p.growIn(a, g, zone, d)
}

// growIn places workers in their run's zone, on slots first.
func (p *planner) growIn(a *application, g *Growth, zone int, d demand) *reason {
	allowed := p.allowance(a, d.size)
	f := fit{zone: zone, slots: p.growthSlots(a, g, zone, allowed.plan)}
	given := int64(len(f.slots))
	wanted := int64(g.Count) - given
	allowed.plan -= given
	mayUse := func(n *node) bool { return !slices.Contains(g.Needs.Avoid, n.ID) }
	f.shares, _ = d.spread(zone, allowed.of(wanted), mayUse)
	placed := total(f.shares)
	if placed > 0 || given > 0 {
		p.commit(a, Placement{Run: g.Run, Attempt: g.Attempt, Zone: g.Zone}, f, demand{}, d)
	}
	if placed == wanted {
		return nil
	}
	if why := p.exhausted(a, d.size, allowed, placed, wanted-placed); why != nil {
		return why
	}
	return p.noRoomToGrow(d, zone, wanted-placed)
}

// growthSlots returns free slots of the zone for the wanted workers, at most as many as the plan still takes.
func (p *planner) growthSlots(a *application, g *Growth, zone int, plan int64) []*Slot {
	count := max(min(int64(g.Count), plan), 0)
	return a.stock.pick(zone, g.WorkerRole, g.Worker, count, g.Needs.Avoid, "")
}

func total(shares []share) (sum int64) {
	for _, s := range shares {
		sum += s.count
	}
	return sum
}
