package scheduler

import (
	"math"

	"github.com/headrace/headrace/internal/resource"
)

// fit is room found in one zone, not yet taken.
type fit struct {
	zone       int
	driver     *node // nil for growth, and for a driver that has a slot
	shares     []share
	driverSlot *Slot
	slots      []*Slot // of other workers
}

// share is a number of identical workers on one node.
type share struct {
	node  *node
	count int64
}

// allowed says whether a node may be used.
type allowed func(*node) bool

// fit finds room for a driver and count workers in a zone: first by best fit, then, if that leaves workers over, with
// the driver where it costs the fewest. The second way is exact and looks at every node of the zone.
func (s *shape) fit(zone int, count int64, use allowed) (fit, bool) {
	driver := s.bestDriver(zone, use)
	if driver == nil {
		return fit{}, false
	}
	shares, left := s.fill(zone, driver, count, use)
	if left > 0 {
		driver, _ = s.cheapestDriver(zone, use, func(n *node) resource.Room { return n.free })
		shares, left = s.fill(zone, driver, count, use)
	}
	return fit{zone: zone, driver: driver, shares: shares}, left == 0
}

func (s *shape) bestDriver(zone int, use allowed) *node {
	for n := range s.driver.pool.zones[zone].fitting(s.driver) {
		if use(n) {
			return n
		}
	}
	return nil
}

// cheapestDriver returns the node on which the driver takes the room of the fewest workers, and how many these are. The
// node is nil if the driver fits nowhere. The function room says what a node has: what is free, or all that it offers.
func (s *shape) cheapestDriver(zone int, use allowed, room func(*node) resource.Room) (best *node, least int64) {
	least = math.MaxInt64
	for n := range s.driver.pool.zones[zone].all() {
		if !use(n) || !room(n).Holds(s.driver.size, 1) {
			continue
		}
		if loss := s.worker.on(n, room(n)) - s.worker.on(n, room(n).Without(s.driver.size, 1)); loss < least {
			best = n
			least = loss
		}
	}
	return best, least
}

// count counts the workers that an empty zone holds.
func (d demand) count(zone int, use allowed) (workers int64) {
	for n := range d.pool.zones[zone].all() {
		if use(n) {
			workers += d.on(n, offered(n))
		}
	}
	return workers
}

// on counts the workers that a node holds in room; none if it does not serve them.
func (d demand) on(n *node, room resource.Room) int64 {
	if !d.pool.class.serves(n.Node) {
		return 0
	}
	return room.Count(d.size, math.MaxUint32)
}

// fill spreads count workers: first the driver's node, then by rising bulk. It returns how many found no room.
func (s *shape) fill(zone int, driver *node, count int64, use allowed) (shares []share, left int64) {
	if own := min(s.worker.on(driver, driver.free.Without(s.driver.size, 1)), count); own > 0 {
		shares = append(shares, share{driver, own})
		count -= own
	}
	more, left := s.worker.spread(zone, count, func(n *node) bool { return n != driver && use(n) })
	return append(shares, more...), left
}

// spread finds room for count workers on the nodes of a zone by rising bulk, as many on each as fit.
func (d demand) spread(zone int, count int64, use allowed) (shares []share, left int64) {
	if count <= 0 {
		return nil, 0
	}
	for n := range d.pool.zones[zone].fitting(d) {
		if !use(n) {
			continue
		}
		k := n.free.Count(d.size, count)
		shares = append(shares, share{n, k})
		count -= k
		if count == 0 {
			break
		}
	}
	return shares, count
}
