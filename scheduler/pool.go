package scheduler

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
)

// fillPools reserves the slots that an application is to have and has not, as many as fit, and says why the rest waits.
func (p *planner) fillPools(a *application) {
	zones := p.poolZones(a)
	var kind WaitKind
	var waits []string
	for i := range a.pools {
		if missing, why := p.fillPool(a, &a.pools[i], zones); why != nil {
			kind = cmp.Or(kind, why.kind)
			waits = append(waits, fmt.Sprintf("%d of %d pre-initialised %s of %s missing: %s", missing, a.pools[i].Count,
				plural(int64(a.pools[i].Count), "worker"), a.pools[i].Size, why.message))
		}
	}
	if len(waits) > 0 {
		p.plan.Waits = append(p.plan.Waits, Wait{Application: a.ID, Kind: kind, Message: strings.Join(waits, "; ")})
	}
}

// fillPool reserves the missing slots of one role, and returns how many it could not reserve.
func (p *planner) fillPool(a *application, pool *Pool, zones poolZones) (missing int64, why *reason) {
	missing = int64(pool.Count) - a.stock.shelf(pool.Role, len(p.cluster.zones)).count
	if missing <= 0 {
		return 0, nil
	}
	d := p.cluster.demand(&pool.Needs, pool.Size)
	if why := d.pool.unserved(pool.Needs.Avoid); why != nil {
		return missing, why
	}
	turn := p.bound - p.placed
	if p.full {
		turn = 0
	}
	within, affordable := countWithin(a.Limit, a.Used, d.size, math.MaxUint32), countWithin(p.quota, p.held, d.size, math.MaxUint32)
	placed := p.reserve(a, pool, d, zones, max(min(missing, within, affordable, turn), 0))
	missing -= placed
	switch {
	case missing == 0:
		return 0, nil
	case placed == within:
		return missing, limitHeld(a, d.size.Times(missing))
	case placed == affordable:
		return missing, p.quotaHeld(d.size.Times(missing))
	case placed >= turn:
		p.full = true
		return missing, p.nextTurn(missing)
	}
	return missing, p.noRoomForPool(d, pool)
}

// reserve finds room for slots: evenly in the first zones, and what finds none there in any zone.
func (p *planner) reserve(a *application, pool *Pool, d demand, zones poolZones, count int64) (placed int64) {
	reserved := map[string]int64{}
	hold := func(zone int, wanted int64) (left int64) {
		shares, left := d.spread(zone, wanted, pool.mayUse)
		for _, s := range shares {
			p.take(a, s, d.size)
			reserved[s.node.ID] += s.count
			placed += s.count
			for range s.count {
				p.cluster.stack(a.stock, &Slot{Application: a.ID, Node: s.node.ID, Role: pool.Role, Size: pool.Size})
			}
		}
		return left
	}
	shelf, left := a.stock.roles[pool.Role], count
	for i, wanted := range evenly(shelf, zones.first, count) {
		left += hold(zones.first[i], wanted) - wanted
	}
	for _, zone := range slices.Concat(zones.first, zones.others) {
		left = hold(zone, left)
	}
	if placed > 0 {
		p.plan.Reservations = append(p.plan.Reservations, Reservation{Application: a.ID, Role: pool.Role, Shares: sharesOf(reserved)})
	}
	return placed
}

// mayUse says whether the node has not failed to prepare a slot lately.
func (p *Pool) mayUse(n *node) bool { return !slices.Contains(p.Needs.Avoid, n.ID) }

// sharesOf orders shares by node.
func sharesOf(counts map[string]int64) (shares []Share) {
	for node, count := range counts {
		shares = append(shares, Share{node, uint32(count)})
	}
	slices.SortFunc(shares, func(x, y Share) int { return cmp.Compare(x.Node, y.Node) })
	return shares
}
