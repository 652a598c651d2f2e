package scheduler

import (
	"fmt"
	"slices"
	"strings"

	"github.com/headrace/headrace/internal/resource"
)

func (p *planner) noRoom(s *shape, count int64) *reason {
	zone := p.roomiest(s.worker.pool, func(x *index) resource.Vector { return x.free })
	x := s.worker.pool.zones[zone]
	return because(WaitNoRoom,
		"needs %s in one zone; the zone with the most room, %s, has %s free on %d %s, at most %s on one%s",
		s.initial(count), p.cluster.zones[zone], x.free, x.count, x.nodes(), x.peak(), x.crowded(count+1))
}

// nodes writes what the nodes are called, with the constraints that they meet.
func (x *index) nodes() string { return plural(int64(x.count), "node") + x.pool.class.meeting() }

// crowded says how many more workers the nodes may hold. It says so only if that number is too small by itself, or if a
// node may hold no more; else it is empty.
func (x *index) crowded(wanted int64) string {
	if x.full == 0 && x.more >= wanted {
		return ""
	}
	return fmt.Sprintf("; a node holds at most %d workers, so that they may hold %d more", resource.MaxSlots, x.more)
}

// tooLarge says why the minimum fits in no zone. The reason may be the application's own slots, which take the room and
// are too small to serve.
func (p *planner) tooLarge(a *application, s *shape, least int64) *reason {
	if s.plain != nil && least <= s.plain.best {
		return because(WaitTooLarge,
			"needs at least %s, which no zone could hold beside the pre-initialised workers of application %s "+
				"(%s in all), which do not serve it: make them fewer or larger",
			s.initial(least), a.ID, a.stock.promised())
	}
	zone := p.roomiest(s.worker.pool, func(x *index) resource.Vector { return x.capacity })
	x := s.worker.pool.zones[zone]
	return because(WaitTooLarge,
		"needs at least %s, which no zone could hold even if it were empty; the largest, %s, offers %s on %d %s%s",
		s.initial(least), p.cluster.zones[zone], x.capacity, x.count, x.nodes(), x.tooFew(least))
}

// tooFew says how many workers nodes may hold, if that number is too small by itself; else it is empty.
func (x *index) tooFew(least int64) string {
	if limit := int64(x.count) * resource.MaxSlots; least >= limit {
		return fmt.Sprintf(", which may hold %d workers, %d each", limit, resource.MaxSlots)
	}
	return ""
}

// roomiest returns the zone with the most room by bulk, the first of equals.
func (p *planner) roomiest(pool *pool, room func(*index) resource.Vector) int {
	best := 0
	for zone, x := range pool.zones {
		if p.cluster.bulk(room(x)) > p.cluster.bulk(room(pool.zones[best])) {
			best = zone
		}
	}
	return best
}

// noRoomToGrow says why workers of a zone wait, for any number of them. What it says is as of now, also later.
func (p *planner) noRoomToGrow(d demand, zone int) func(count int64) *reason {
	x := *d.pool.zones[zone]
	name := p.cluster.zones[zone]
	peak := x.peak()
	return func(count int64) *reason {
		return because(WaitNoRoom,
			"needs %d more %s of %s in zone %s, which has %s free on %d %s, at most %s on one%s",
			count, plural(count, "worker"), d.size, name, x.free, x.count, x.nodes(), peak, x.crowded(count))
	}
}

func zoneGone(g *Growth, count int64) *reason {
	return because(WaitNoRoom, "needs %d more %s of %s in zone %s, where no node holds a lease",
		count, plural(count, "worker"), g.Worker.Vector, g.Zone)
}

func (p *planner) noRoomForPool(d demand, pool *Pool) *reason {
	zone := p.roomiestFor(pool)
	room := p.roomOf(pool, zone)
	nodes := d.pool.zones[zone]
	return because(WaitNoRoom, "the zone with the most room, %s, has %s free on %d %s, at most %s on one%s%s",
		p.cluster.zones[zone], room.free, room.nodes, plural(int64(room.nodes), "node")+nodes.pool.class.meeting(),
		nodes.peakFor(pool), pool.without(),
		nodes.crowded(1))
}

// peakFor returns, for each resource, the largest usable amount on any one node that may hold slots of a pool. It looks
// at all nodes only if some have failed to prepare one.
func (x *index) peakFor(pool *Pool) resource.Vector {
	if len(pool.Needs.Avoid) == 0 {
		return x.peak()
	}
	var peak resource.Vector
	for n := range x.all() {
		if pool.mayUse(n) {
			peak = larger(peak, n.usable())
		}
	}
	return peak
}

// roomiestFor returns the zone with the most room for slots of a pool, the first of equals.
func (p *planner) roomiestFor(pool *Pool) int {
	best := 0
	for zone := range p.cluster.zones {
		if p.cluster.bulk(p.roomOf(pool, zone).free) > p.cluster.bulk(p.roomOf(pool, best).free) {
			best = zone
		}
	}
	return best
}

// without names the nodes that could not prepare a slot; it is empty if there are none.
func (p *Pool) without() string {
	if len(p.Needs.Avoid) == 0 {
		return ""
	}
	return fmt.Sprintf(", without those that could not prepare one (%s)",
		strings.Join(slices.Sorted(slices.Values(p.Needs.Avoid)), ", "))
}
