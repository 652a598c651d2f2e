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

// fill spreads count workers, and returns how many found no room. The driver's node comes before all others that lean
// no nearer to the workers than its rest does.
func (s *shape) fill(zone int, driver *node, count int64, use allowed) (shares []share, left int64) {
	if count == 0 {
		return nil, 0
	}
	f := filling{demand: s.worker, left: count}
	rest := driver.free.Without(s.driver.size, 1)
	waits := s.worker.on(driver, rest) > 0
	for n := range s.worker.pool.zones[zone].fitting(s.worker) {
		if waits && s.worker.away(n.lean) >= s.worker.away(leanOf(rest.Vector)) {
			f.take(driver, rest)
			waits = false
		}
		if n != driver && use(n) {
			f.take(n, n.free)
		}
		if f.left == 0 {
			return f.shares, 0
		}
	}
	if waits {
		f.take(driver, rest)
	}
	return f.shares, f.left
}

// spread finds room for count workers on the nodes of a zone, as many on each as fit.
func (d demand) spread(zone int, count int64, use allowed) (shares []share, left int64) {
	if count <= 0 {
		return nil, 0
	}
	f := filling{demand: d, left: count}
	for n := range d.pool.zones[zone].fitting(d) {
		if use(n) {
			f.take(n, n.free)
		}
		if f.left == 0 {
			break
		}
	}
	return f.shares, f.left
}

// filling is workers of one size that are given nodes.
type filling struct {
	demand
	shares []share
	left   int64 // workers without a node
}

// take gives a node as many workers as its room holds.
func (f *filling) take(n *node, room resource.Room) {
	if count := room.Count(f.size, f.left); count > 0 {
		f.shares = append(f.shares, share{n, count})
		f.left -= count
	}
}

// away says how far a lean is from that of the workers.
func (d demand) away(lean int) int { return max(lean-d.lean, d.lean-lean) }
