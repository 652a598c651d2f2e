package scheduler

import "github.com/headrace/headrace/internal/resource"

// index holds the nodes of one zone that serve one class of needs, with sums over them, so that no question about a
// zone looks at its nodes.
type index struct {
	grove
	pool     *pool
	zone     int
	count    int             // nodes
	free     resource.Vector // on all of them
	capacity resource.Vector // of all of them
	left     int64           // bulk of free
	rank     int             // its place in the order of its pool
	more     int64           // slots that the nodes may still hold
	full     int             // nodes that may hold no more
	lots     map[lot]int64   // nodes by what they offer
	domains  *domains        // nodes by the label over which workers are spread; nil: over none
}

// newIndex takes over nodes, in any order.
func newIndex(pool *pool, zone int, nodes []*node) *index {
	x := &index{
		grove: newGrove(nodes),
		pool:  pool,
		zone:  zone,
		lots:  map[lot]int64{},
	}
	if pool.class.spread != "" {
		x.domains = newDomains(pool.class.spread, nodes)
	}
	for _, n := range nodes {
		n.indexes = append(n.indexes, x)
		x.add(n)
		x.offer(n, 1)
	}
	return x
}

// usable is what is free on the node; nothing when it holds as many slots as it may.
func (n *node) usable() resource.Vector {
	if n.free.Slots <= 0 {
		return resource.Vector{}
	}
	return n.free.Vector
}

// add counts what is free on a node.
func (x *index) add(n *node) {
	x.free = x.free.Add(n.free.Vector)
	x.more += max(n.free.Slots, 0)
	if n.free.Slots <= 0 {
		x.full++
	}
}

// sub takes what is free on a node out of the sums.
func (x *index) sub(n *node) {
	x.free = x.free.Sub(n.free.Vector)
	x.more -= max(n.free.Slots, 0)
	if n.free.Slots <= 0 {
		x.full--
	}
}

// offer counts nodes that join, or leave: then count is negative.
func (x *index) offer(n *node, count int64) {
	x.count += int(count)
	x.capacity = x.capacity.Add(n.Capacity.Times(count))
	if x.lots[n.lot()] += count; x.lots[n.lot()] == 0 {
		delete(x.lots, n.lot())
	}
}

// lift takes a node out before what is free on it changes.
func (x *index) lift(n *node) {
	x.grove[n.lean].remove(n)
	x.sub(n)
	if x.domains != nil {
		x.domains.lift(n)
	}
}

// lay puts a node in where it belongs now.
func (x *index) lay(n *node) {
	x.grove[n.lean].insert(n)
	x.add(n)
	if x.domains != nil {
		x.domains.lay(n)
	}
}

// in says whether a node is in an index.
func (n *node) in(x *index) bool {
	for _, other := range n.indexes {
		if other == x {
			return true
		}
	}
	return false
}
