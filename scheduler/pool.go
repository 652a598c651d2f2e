package scheduler

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// fillPools reserves the slots that an application is to have and has not, as many as fit, and says why the rest waits.
func (p *planner) fillPools(a *application) {
	for i := range a.pools {
		if later := p.later(&a.pools[i].Needs); later != nil {
			p.wait(a, Wait{Application: a.ID, Kind: later.kind, Message: later.message()})
			return
		}
	}
	zones := p.poolZones(a)
	var kind WaitKind
	var waits []string
	for i := range a.pools {
		pool := &a.pools[i]
		missing, why := p.fillPool(a, pool, zones)
		if why == nil {
			continue
		}
		kind = cmp.Or(kind, why.kind)
		noun := plural(int64(pool.Count), "worker")
		waits = append(waits, fmt.Sprintf("%d of %d pre-initialised %s of %s missing: %s",
			missing, pool.Count, noun, pool.Size, why.message()))
	}
	if len(waits) > 0 {
		p.wait(a, Wait{Application: a.ID, Kind: kind, Message: strings.Join(waits, "; ")})
	}
}

// wait says why slots of an application are missing.
func (p *planner) wait(a *application, why Wait) {
	a.judged = p.cluster.plans
	a.wait = why
	p.cluster.left = append(p.cluster.left, left{owner: a.owner})
}

// fillPool reserves the missing slots of one role, and returns how many it could not reserve.
func (p *planner) fillPool(a *application, pool *Pool, zones poolZones) (missing int64, why *reason) {
	missing = int64(pool.Count) - a.stock.shelf(pool.Role, len(p.cluster.zones)).count
	if missing <= 0 {
		return 0, nil
	}
	d := p.cluster.demand(&pool.Needs, pool.Size)
	if why := p.unserved(d.pool, pool.Needs.Avoid); why != nil {
		return missing, why
	}
	allowed := p.allowance(a, d.size)
	placed := p.reserve(a, pool, d, zones, allowed.of(missing))
	missing -= placed
	if missing == 0 {
		return 0, nil
	}
	if each := p.exhausted(a, d.size, allowed, placed); each != nil {
		return missing, each(missing)
	}
	return missing, p.noRoomForPool(d, pool)
}

// reserve finds room for slots: evenly in the first zones, then in any zone for those that found none there.
func (p *planner) reserve(a *application, pool *Pool, d demand, zones poolZones, count int64) (placed int64) {
	r := reserving{
		application: a,
		pool:        pool,
		demand:      d,
		counts:      map[string]int64{},
	}
	left := count
	for i, wanted := range evenly(a.stock.shelves[pool.Role], zones.first, count) {
		left += p.hold(&r, zones.first[i], wanted) - wanted
	}
	for _, zone := range slices.Concat(zones.first, zones.others) {
		left = p.hold(&r, zone, left)
	}
	if r.placed > 0 {
		p.plan.Reservations = append(p.plan.Reservations, Reservation{
			Application: a.ID,
			Role:        pool.Role,
			Shares:      sharesOf(r.counts),
		})
	}
	return r.placed
}

// reserving is a reservation in the making.
type reserving struct {
	application *application
	pool        *Pool
	demand      demand
	counts      map[string]int64 // slots by node
	placed      int64            // slots on all nodes
}

// hold takes room for wanted slots in a zone, and returns how many found none.
func (p *planner) hold(r *reserving, zone int, wanted int64) (left int64) {
	shares, left := r.demand.spread(zone, wanted, r.pool.mayUse)
	for _, s := range shares {
		p.take(r.application, s, r.demand.size)
		r.counts[s.node.ID] += s.count
		r.placed += s.count
		for range s.count {
			r.application.stock.reserve(p.cluster, &slot{Slot: Slot{
				Application: r.application.ID,
				Node:        s.node.ID,
				Role:        r.pool.Role,
				Size:        r.pool.Size,
			}})
		}
	}
	return left
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
