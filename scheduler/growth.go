package scheduler

import (
	"math"
	"slices"
)

// grow places as many of the wanted workers as limit, bound and zone allow, and says why the rest waits.
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
	wanted := int64(g.Count)
	within := countWithin(a.Limit, a.Used, d.size, math.MaxUint32)
	turn := p.bound - p.placed
	if p.full {
		turn = 0
	}
	shares, _ := d.spread(zone, max(min(wanted, within, turn), 0), func(n *node) bool { return !slices.Contains(g.Needs.Avoid, n.ID) })
	placed := total(shares)
	if placed > 0 {
		p.commit(a, Placement{Run: g.Run, Attempt: g.Attempt, Zone: g.Zone}, fit{zone: zone, shares: shares}, demand{}, d)
	}
	switch {
	case placed == wanted:
		return nil
	case placed == within:
		return limitHeld(a, d.size.Times(wanted-placed))
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
