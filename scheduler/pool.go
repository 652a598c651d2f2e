package scheduler

import (
	"cmp"
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
		if why := p.fillPool(a, &a.pools[i], zones); why != nil {
			kind = cmp.Or(kind, why.kind)
			waits = append(waits, why.message)
		}
	}
	if len(waits) > 0 {
		p.plan.Waits = append(p.plan.Waits, Wait{Application: a.ID, Kind: kind, Message: strings.Join(waits, "; ")})
	}
}

// poolZones orders the zones for an application's slots: first as many as its scarcest role has slots, over which all roles are
// spread, then the others, which are used only when these have no room. Zones that hold slots already come first, then those
// with the most room, ties by name.
func (p *planner) poolZones(a *application) (zones [2][]int) {
	scarcest := uint32(math.MaxUint32)
	var serving []int
	held, free := map[int]int64{}, map[int]int64{}
	for zone := range p.cluster.zones {
		serves := true
		for i := range a.pools {
			x := p.cluster.demand(&a.pools[i].Needs, a.pools[i].Size).pool.zones[zone]
			serves = serves && x.count > 0
			free[zone] = p.cluster.bulk(x.free)
			held[zone] += a.stock.roles[a.pools[i].Role].held[zone]
		}
		if serves {
			serving = append(serving, zone)
		}
	}
	for _, pool := range a.pools {
		if pool.Count > 0 {
			scarcest = min(scarcest, pool.Count)
		}
	}
	slices.SortFunc(serving, func(x, y int) int {
		return cmp.Or(cmp.Compare(min(held[y], 1), min(held[x], 1)), cmp.Compare(free[y], free[x]), cmp.Compare(x, y))
	})
	chosen := min(int(min(scarcest, math.MaxInt32)), len(serving))
	return [2][]int{serving[:chosen], serving[chosen:]}
}

// fillPool reserves the missing slots of one role.
func (p *planner) fillPool(a *application, pool *Pool, zones [2][]int) *reason {
	shelf := a.stock.roles[pool.Role]
	missing := int64(pool.Count)
	for _, held := range shelf.held {
		missing -= held
	}
	if missing <= 0 {
		return nil
	}
	d := p.cluster.demand(&pool.Needs, pool.Size)
	if why := d.pool.unserved(pool.Needs.Avoid); why != nil {
		return why
	}
	within, affordable := countWithin(a.Limit, a.Used, d.size, math.MaxUint32), countWithin(p.quota, p.held, d.size, math.MaxUint32)
	turn := p.bound - p.placed
	placed := p.reserve(a, pool, d, zones, max(min(missing, within, affordable, turn), 0))
	switch {
	case placed == missing:
		return nil
	case placed == within:
		return limitHeld(a, d.size.Times(missing-placed))
	case placed == affordable:
		return p.quotaHeld(d.size.Times(missing - placed))
	case placed == turn:
		p.full = true
		return p.nextTurn(missing - placed)
	}
	return p.noRoomForPool(d, missing-placed)
}

// reserve finds room for slots: evenly in the first zones, and what finds none there in any zone.
func (p *planner) reserve(a *application, pool *Pool, d demand, zones [2][]int, count int64) (placed int64) {
	reserved := map[string]int64{}
	shelf := a.stock.roles[pool.Role]
	hold := func(zone int, wanted int64) (left int64) {
		shares, left := d.spread(zone, wanted, func(n *node) bool { return !slices.Contains(pool.Needs.Avoid, n.ID) })
		for _, s := range shares {
			p.take(a, s, d.size)
			reserved[s.node.ID] += s.count
			shelf.held[zone] += s.count
			placed += s.count
		}
		return left
	}
	left := int64(0)
	for i, wanted := range evenly(shelf.held, zones[0], count) {
		left += hold(zones[0][i], wanted)
	}
	if len(zones[0]) == 0 {
		left = count
	}
	for _, zone := range slices.Concat(zones[0], zones[1]) {
		left = hold(zone, left)
	}
	if placed > 0 {
		p.plan.Reservations = append(p.plan.Reservations, Reservation{Application: a.ID, Role: pool.Role, Shares: sharesOf(reserved)})
	}
	return placed
}

// evenly shares count among zones so that they hold as equally many as can be, the first ones more.
func evenly(held []int64, zones []int, count int64) []int64 {
	more := make([]int64, len(zones))
	for ; count > 0 && len(zones) > 0; count-- {
		least := 0
		for i := range zones {
			if held[zones[i]]+more[i] < held[zones[least]]+more[least] {
				least = i
			}
		}
		more[least]++
	}
	return more
}

// sharesOf orders shares by node.
func sharesOf(counts map[string]int64) (shares []Share) {
	for node, count := range counts {
		shares = append(shares, Share{node, uint32(count)})
	}
	slices.SortFunc(shares, func(x, y Share) int { return cmp.Compare(x.Node, y.Node) })
	return shares
}
