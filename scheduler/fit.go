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
func (p *pair) fit(zone int, count int64, use allowed) (fit, bool) {
	driver := p.driver.first(zone, use)
	if driver == nil {
		return fit{}, false
	}
	shares, left := p.fill(zone, driver, count, use)
	if left > 0 {
		driver = p.cheapestDriver(zone, use)
		shares, left = p.fill(zone, driver, count, use)
	}
	return fit{zone: zone, driver: driver, shares: shares}, left == 0
}

// first returns the best node of a zone for a single worker: one that is preferred, if there is any.
func (d demand) first(zone int, use allowed) *node {
	for i := range d.tiers() {
		if n := d.tier(i).zones[zone].firstFor(d, use); n != nil {
			return n
		}
	}
	return nil
}

func (x *index) firstFor(d demand, use allowed) *node {
	if x.domains != nil {
		return x.domains.first(d, use)
	}
	return x.first(d, use)
}

// first returns the first node that holds a worker.
func (g *grove) first(d demand, use allowed) *node {
	for n := range g.fitting(d) {
		if use(n) {
			return n
		}
	}
	return nil
}

// cheapestDriver returns the node on which the driver takes the room of the fewest workers; nil if it fits nowhere. It
// is asked only if a zone has too little room for all workers, so it looks at few nodes: each of them holds at least
// one worker, and the first that holds none is the answer.
func (p *pair) cheapestDriver(zone int, use allowed) (best *node) {
	least := int64(math.MaxInt64)
	for n := range p.driver.pool.zones[zone].fitting(p.driver) {
		if !use(n) {
			continue
		}
		loss := p.worker.on(n, n.free) - p.worker.on(n, n.free.Without(p.driver.size, 1))
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

// fill spreads count workers, and returns how many found no room. Workers that are spread over domains come to the
// driver's node last; if some nodes are preferred, it is one of them, and comes first.
func (p *pair) fill(zone int, driver *node, count int64, use allowed) (shares []share, left int64) {
	if count == 0 {
		return nil, 0
	}
	others := func(n *node) bool { return n != driver && use(n) }
	var more []share
	switch {
	case p.worker.pool.class.spread != "":
		shares, left = p.worker.spread(zone, count, others)
		more, left = p.beside(driver, left)
	case len(p.worker.better) > 0:
		shares, left = p.beside(driver, count)
		more, left = p.worker.spread(zone, left, others)
	default:
		return p.fillByLean(zone, driver, count, others)
	}
	return append(shares, more...), left
}

// fillByLean has the driver's node come before all others that lean no nearer to the workers than its rest does.
func (p *pair) fillByLean(zone int, driver *node, count int64, others allowed) (shares []share, left int64) {
	f := filling{demand: p.worker, left: count}
	rest := driver.free.Without(p.driver.size, 1)
	waits := p.worker.on(driver, rest) > 0
	for n := range p.worker.pool.zones[zone].fitting(p.worker) {
		if waits && p.worker.away(n.lean) >= p.worker.away(leanOf(rest.Vector)) {
			f.take(driver, rest)
			waits = false
		}
		if others(n) {
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

// beside finds room for workers beside the driver on its node.
func (p *pair) beside(driver *node, count int64) (shares []share, left int64) {
	rest := driver.free.Without(p.driver.size, 1)
	f := filling{demand: p.worker, left: count}
	if count > 0 && p.worker.on(driver, rest) > 0 {
		f.take(driver, rest)
	}
	return f.shares, f.left
}

// spread finds room for count workers on the nodes of a zone, on those that are preferred first.
func (d demand) spread(zone int, count int64, use allowed) (shares []share, left int64) {
	if count <= 0 {
		return nil, 0
	}
	if len(d.better) == 0 {
		return d.pool.zones[zone].fillFor(d, count, use)
	}
	left = count
	for i := 0; i < d.tiers() && left > 0; i++ {
		again := use
		if i > 0 { // the nodes of the tiers before are full
			full := d.tier(i - 1).zones[zone]
			again = func(n *node) bool { return !n.in(full) && use(n) }
		}
		var more []share
		more, left = d.tier(i).zones[zone].fillFor(d, left, again)
		shares = append(shares, more...)
	}
	return shares, left
}

// fillFor finds room for count workers: evenly over domains, if workers are spread over some.
func (x *index) fillFor(d demand, count int64, use allowed) (shares []share, left int64) {
	if x.domains != nil {
		return x.domains.fill(d, count, use)
	}
	return x.fill(d, count, use)
}

// fill finds room for count workers on nodes in their order, as many on each as fit.
func (g *grove) fill(d demand, count int64, use allowed) (shares []share, left int64) {
	f := filling{demand: d, left: count}
	for n := range g.fitting(d) {
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
