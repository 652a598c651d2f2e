package scheduler

import (
	"cmp"
	"math"
	"slices"

	"github.com/headrace/headrace/internal/resource"
)

// poolZones are the zones for an application's slots: all roles are spread over the first ones, and the others are used only when
// these have no room.
type poolZones struct {
	first, others []int
}

// poolZones takes as many zones as the application's scarcest role has slots, of those that serve all roles: first the zones that
// hold slots already, then those with the most room, ties by name.
func (p *planner) poolZones(a *application) poolZones {
	var all []int
	scarcest, serving := uint32(math.MaxUint32), 0
	serves, held, free := make([]bool, len(p.cluster.zones)), make([]bool, len(p.cluster.zones)), make([]int64, len(p.cluster.zones))
	for zone := range p.cluster.zones {
		all, serves[zone], free[zone] = append(all, zone), true, math.MaxInt64
		for i := range a.pools {
			if a.pools[i].Count == 0 {
				continue
			}
			room, shelf := p.roomOf(&a.pools[i], zone), a.stock.shelf(a.pools[i].Role, len(p.cluster.zones))
			serves[zone] = serves[zone] && room.nodes > 0
			held[zone] = held[zone] || holds(shelf, zone) > 0
			free[zone] = min(free[zone], p.cluster.bulk(room.free))
		}
		if serves[zone] {
			serving++
		}
	}
	for _, pool := range a.pools {
		if pool.Count > 0 {
			scarcest = min(scarcest, pool.Count)
		}
	}
	slices.SortFunc(all, func(x, y int) int {
		return cmp.Or(falseLast(serves[x], serves[y]), falseLast(held[x], held[y]), cmp.Compare(free[y], free[x]), cmp.Compare(x, y))
	})
	chosen := min(int(min(scarcest, math.MaxInt32)), serving)
	return poolZones{all[:chosen], all[chosen:]}
}

func falseLast(x, y bool) int {
	switch {
	case x == y:
		return 0
	case x:
		return -1
	}
	return 1
}

// room is what the nodes of a zone that may hold slots of a pool have free.
type room struct {
	nodes int
	free  resource.Vector
}

// roomOf looks at one zone, without the nodes that could not prepare a slot.
func (p *planner) roomOf(pool *Pool, zone int) room {
	d := p.cluster.demand(&pool.Needs, pool.Size)
	x := d.pool.zones[zone]
	r := room{x.count, x.free}
	for i, id := range pool.Needs.Avoid {
		n := p.cluster.byID[id]
		if n == nil || n.Zone != p.cluster.zones[zone] || slices.Contains(pool.Needs.Avoid[:i], id) {
			continue
		}
		if d.pool.class.serves(n.Node) {
			r = room{r.nodes - 1, r.free.Sub(n.free.Vector)}
		}
	}
	return r
}

// evenly shares count among zones so that they hold as equally many slots as can be, the first ones more.
func evenly(shelf *shelf, zones []int, count int64) []int64 {
	more := make([]int64, len(zones))
	for ; count > 0 && len(zones) > 0; count-- {
		least := 0
		for i := range zones {
			if holds(shelf, zones[i])+more[i] < holds(shelf, zones[least])+more[least] {
				least = i
			}
		}
		more[least]++
	}
	return more
}

func holds(shelf *shelf, zone int) int64 { return int64(len(shelf.slots[zone])) }
