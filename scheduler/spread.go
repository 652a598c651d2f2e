package scheduler

import (
	"cmp"
	"math"
	"slices"

	"github.com/headrace/headrace/internal/resource"
)

// poolZones are the zones for an application's slots: all roles are spread over the first ones, and the others are used
// only when these have no room.
type poolZones struct {
	first, others []int
}

// poolZones chooses as many zones as the application's scarcest role has slots, of those that serve all roles. Zones
// that hold slots already come first, then those with the most room, ties by name.
func (p *planner) poolZones(a *application) poolZones {
	zones := make([]int, len(p.cluster.zones))
	candidates := make([]candidate, len(zones))
	serving := 0
	for zone := range zones {
		zones[zone] = zone
		candidates[zone] = p.candidate(a, zone)
		if candidates[zone].serves {
			serving++
		}
	}
	slices.SortFunc(zones, func(x, y int) int {
		return cmp.Or(candidates[x].compare(&candidates[y]), cmp.Compare(x, y))
	})
	chosen := min(scarcest(a.pools), serving)
	return poolZones{first: zones[:chosen], others: zones[chosen:]}
}

// candidate is a zone that may be chosen for an application's slots.
type candidate struct {
	free   int64 // bulk of what is free for the role that finds the least room
	serves bool  // it has nodes for every role
	held   bool  // it holds slots of the application already
}

// compare puts the better zone first.
func (c *candidate) compare(other *candidate) int {
	return cmp.Or(falseLast(c.serves, other.serves), falseLast(c.held, other.held), cmp.Compare(other.free, c.free))
}

// candidate looks at a zone for all roles of an application.
func (p *planner) candidate(a *application, zone int) candidate {
	c := candidate{serves: true, free: math.MaxInt64}
	for i := range a.pools {
		pool := &a.pools[i]
		if pool.Count == 0 {
			continue
		}
		room := p.roomOf(pool, zone)
		shelf := a.stock.shelf(pool.Role, len(p.cluster.zones))
		c.serves = c.serves && room.nodes > 0
		c.held = c.held || holds(shelf, zone) > 0
		c.free = min(c.free, p.cluster.bulk(room.free))
	}
	return c
}

// scarcest returns how many slots the role with the fewest is to have. Roles that are to have none do not count.
func scarcest(pools []Pool) int {
	fewest := uint32(math.MaxUint32)
	for _, pool := range pools {
		if pool.Count > 0 {
			fewest = min(fewest, pool.Count)
		}
	}
	return int(min(fewest, math.MaxInt32))
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
		n := p.cluster.nodes[id]
		if n == nil || slices.Contains(pool.Needs.Avoid[:i], id) {
			continue
		}
		if n.in(x) {
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
