package scheduler

import (
	"maps"
	"math"

	"github.com/headrace/headrace/internal/resource"
)

// extent is what a zone could hold of a shape if nothing else were in it but the application's own slots.
type extent struct {
	drivers int64 // slots that serve the driver
	slots   int64 // slots that serve its workers
	room    int64 // workers beside all slots, and beside a driver that has none; -1: not even the driver
}

// lot is what a node offers, as far as it matters to the workers of one release and architecture. Machines are bought
// in lots, so the nodes of a zone have few, and what the zone could hold is counted once for each.
type lot struct {
	capacity    resource.Vector
	shuffleDisk bool
}

func (n *node) lot() lot { return lot{n.Capacity, n.ShuffleDisk} }

// offered is what an empty node has that offers so much.
func offered(capacity resource.Vector) resource.Room {
	return resource.Room{Vector: capacity, Slots: resource.MaxSlots}
}

// apart are nodes that are looked at one by one, with what they have to offer; nothing if they may not be used.
type apart map[*node]resource.Room

// empty looks at a zone without slots, and without the nodes that refused.
func (s *shape) empty(zone int, refused []*node) extent {
	apart := apart{}
	for _, n := range refused {
		apart[n] = resource.Room{}
	}
	alone := s.worker.ever(zone, apart)
	return extent{room: alone - s.cost(zone, apart, alone)}
}

// beside looks at a zone with an application's slots.
func (s *shape) beside(zone int, stock *stock, refused []*node) extent {
	apart := apart{}
	for n := range stock.on {
		apart[n] = stock.beyond(n)
	}
	for _, n := range refused {
		apart[n] = resource.Room{}
	}
	z := extent{
		drivers: stock.heldIn(zone, s.driverRole, s.driver.needs(), &s.needs),
		slots:   stock.heldIn(zone, s.workerRole, s.worker.needs(), &s.needs),
		room:    s.worker.ever(zone, apart),
	}
	if z.drivers == 0 {
		z.room -= s.cost(zone, apart, z.room)
	}
	return z
}

// ever counts the workers that the nodes of a zone hold if they are empty.
func (d demand) ever(zone int, apart apart) (workers int64) {
	x := d.pool.zones[zone]
	for l, count := range x.lots {
		workers += count * d.in(offered(l.capacity))
	}
	for n, room := range apart {
		if n.in(x) {
			workers += d.in(room) - d.in(offered(n.Capacity))
		}
	}
	return workers
}

// cost returns how many of the workers that a zone holds alone the driver costs, on the node where these are the
// fewest. If the zone has none for the driver, it is all of them and one more.
func (s *shape) cost(zone int, apart apart, alone int64) int64 {
	x := s.driver.pool.zones[zone]
	lots := x.lots
	if len(apart) > 0 {
		lots = maps.Clone(lots)
	}
	least := int64(math.MaxInt64)
	for n, room := range apart {
		if n.in(x) {
			lots[n.lot()]--
			least = min(least, s.loss(room, s.worker.pool.class.takes(n.ShuffleDisk)))
		}
	}
	for l, count := range lots {
		if count > 0 {
			least = min(least, s.loss(offered(l.capacity), s.worker.pool.class.takes(l.shuffleDisk)))
		}
	}
	return min(least, alone+1)
}

// loss returns how many workers the driver costs in a room; as many as can be if it does not fit. The workers may not
// be served there, which costs none.
func (s *shape) loss(room resource.Room, serves bool) int64 {
	switch {
	case !room.Holds(s.driver.size, 1):
		return math.MaxInt64
	case !serves:
		return 0
	}
	return s.worker.in(room) - s.worker.in(room.Without(s.driver.size, 1))
}

// in counts the workers that fit into a room.
func (d demand) in(room resource.Room) int64 { return room.Count(d.size, math.MaxUint32) }

// needs returns the size with its class of disk.
func (d demand) needs() resource.Size {
	if d.pool.class.shuffleDisk {
		return resource.Size{Vector: d.size, Disk: resource.DiskShuffleOptimized}
	}
	return resource.Size{Vector: d.size, Disk: resource.DiskStandard}
}

// takes says whether the class may use a node's disk.
func (k class) takes(shuffleDisk bool) bool { return !k.shuffleDisk || shuffleDisk }
