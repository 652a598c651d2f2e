package scheduler

import (
	"math"
	"slices"
)

// grow places as many of the wanted workers as slots, limits, bound and zone allow, and says why the rest waits.
func (p *planner) grow(a *application, g *Growth) *reason {
	if a.blocked != "" {
		return behind(a)
	}
	d := p.cluster.demand(&g.Needs, g.Worker)
	if why := d.pool.unserved(g.Needs.Avoid); why != nil {
		return why
	}
	zone, known := slices.BinarySearch(p.cluster.zones, g.Zone)
	if !known {
		return zoneGone(g)
	}
	turn := p.bound - p.placed
	if p.full {
		turn = 0
	}
	f := fit{zone: zone, slots: a.stock.pick(zone, g.WorkerRole, g.Worker, max(min(int64(g.Count), turn), 0), g.Needs.Avoid, "")}
	wanted, turn := int64(g.Count)-int64(len(f.slots)), turn-int64(len(f.slots))
	within := countWithin(a.Limit, a.Used, d.size, math.MaxUint32)
	affordable := countWithin(p.quota, p.held, d.size, math.MaxUint32)
	f.shares, _ = d.spread(zone, max(min(wanted, within, affordable, turn), 0), func(n *node) bool { return !slices.Contains(g.Needs.Avoid, n.ID) })
	placed := total(f.shares)
	if placed > 0 || len(f.slots) > 0 {
		p.commit(a, Placement{Run: g.Run, Attempt: g.Attempt, Zone: g.Zone}, f, demand{}, d)
	}
	switch {
	case placed == wanted:
		return nil
	case placed == within:
		return limitHeld(a, d.size.Times(wanted-placed))
	case placed == affordable:
		return p.quotaHeld(d.size.Times(wanted - placed))
	case placed >= turn:
		p.full = true
		return p.nextTurn(wanted - placed)
	}
	return p.noRoomToGrow(d, zone, wanted-placed)
}

func total(shares []share) (sum int64) {
	for _, s := range shares {
		sum += s.count
	}
	return sum
}
