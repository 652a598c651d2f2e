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
	driverSlot *slot
	slots      []*slot // of other workers
}

// share is a number of identical workers on one node.
type share struct {
	node  *node
	count int64
}

// allowed says whether a node may be used.
type allowed func(*node) bool

// fit finds room for a driver and count workers in a zone: first by best fit, then, if that leaves workers over, with
// the driver where it costs the fewest. The second way is exact.
func (s *shape) fit(zone int, count int64, use allowed) (fit, bool) {
	driver := s.bestDriver(zone, use)
	if driver == nil {
		return fit{}, false
	}
	shares, left := s.fill(zone, driver, count, use)
	if left > 0 {
		driver = s.cheapestDriver(zone, use)
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

// cheapestDriver returns the node on which the driver takes the room of the fewest workers; nil if it fits nowhere. It
// is asked only if a zone has too little room for all workers, so it looks at few nodes: each of them holds at least
// one worker, and the first that holds none is the answer.
func (s *shape) cheapestDriver(zone int, use allowed) (best *node) {
	least := int64(math.MaxInt64)
	for n := range s.driver.pool.zones[zone].fitting(s.driver) {
		if !use(n) {
			continue
		}
		loss := s.worker.on(n, n.free) - s.worker.on(n, n.free.Without(s.driver.size, 1))
		if loss == 0 {
			return n
		}
		if loss < least {
			best = n
			least = loss
		}
	}
	return best
}

// on counts the workers that a node holds in room; none if it does not serve them.
func (d demand) on(n *node, room resource.Room) int64 {
	if !n.in(d.pool.zones[n.zone]) {
		return 0
	}
	return d.in(room)
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
