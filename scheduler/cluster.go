package scheduler

import (
	"math"
	"math/bits"
	"slices"

	"github.com/headrace/headrace/internal/resource"
)

// cluster is the working copy of the nodes while one plan is made.
type cluster struct {
	nodes []*node
	zones []string        // in order
	total resource.Vector // capacity of all nodes
	mean  resource.Vector // capacity of an average node; no part is zero
	pools map[class]*pool
	byID  map[string]*node
}

// node is a node with what the plan has left free on it.
type node struct {
	*Node
	free    resource.Room
	bulk    int64    // of what is free
	indexes []*index // every index that holds it
}

// class is what a worker asks of a node beside room.
type class struct {
	release, architecture string // empty: any
	shuffleDisk           bool
}

// pool holds the nodes that serve a class, one index per zone in the order of cluster.zones.
type pool struct {
	class class
	zones []*index
	count int     // nodes
	why   *reason // why there are none; nil if there are
}

// demand is one worker's size and the nodes that may hold it.
type demand struct {
	size resource.Vector
	bulk int64
	pool *pool
}

func newCluster(in []Node) *cluster {
	c := &cluster{pools: map[class]*pool{}, byID: make(map[string]*node, len(in))}
	for i := range in {
		c.total = c.total.Add(in[i].Capacity)
		c.zones = append(c.zones, in[i].Zone)
	}
	slices.Sort(c.zones)
	c.zones = slices.Compact(c.zones)
	c.mean = meanOf(c.total, int64(len(in)))
	nodes := make([]node, len(in)) // one allocation for all
	for i := range in {
		nodes[i] = c.node(&in[i])
		c.nodes = append(c.nodes, &nodes[i])
		c.byID[in[i].ID] = &nodes[i]
	}
	return c
}

// node returns a node with all that it offers and has not given.
func (c *cluster) node(in *Node) node {
	return node{
		Node: in,
		free: resource.Room{Vector: in.Free, Slots: resource.MaxSlots - in.Held},
		bulk: c.bulk(in.Free),
	}
}

// zoneOf returns the number of a zone that a node is in.
func (c *cluster) zoneOf(name string) int {
	zone, _ := slices.BinarySearch(c.zones, name)
	return zone
}

func meanOf(total resource.Vector, count int64) resource.Vector {
	count = max(count, 1)
	return resource.Vector{
		MilliCPU:  max(total.MilliCPU/count, 1),
		MemoryMiB: max(total.MemoryMiB/count, 1),
		DiskMiB:   max(total.DiskMiB/count, 1),
	}
}

// bulk compares amounts by one number: the sum of their parts, each in millionths of what an average node has. An
// amount that fits in another has no larger bulk.
func (c *cluster) bulk(v resource.Vector) int64 {
	return millionths(v.MilliCPU, c.mean.MilliCPU) +
		millionths(v.MemoryMiB, c.mean.MemoryMiB) +
		millionths(v.DiskMiB, c.mean.DiskMiB)
}

// millionths returns an amount as a part of the mean, which is above 0. All amounts far beyond the mean give the same
// number, so that three of them can be added.
func millionths(amount, mean int64) int64 {
	const million = 1_000_000
	const largest = math.MaxInt64 / 4
	if amount < 0 {
		return -millionths(max(-amount, 0), mean)
	}
	high, low := bits.Mul64(uint64(amount), million)
	if high >= uint64(mean) {
		return largest
	}
	parts, _ := bits.Div64(high, low, uint64(mean))
	return int64(min(parts, largest))
}

// demand finds the nodes for workers of a size.
func (c *cluster) demand(needs *Needs, size resource.Size) demand {
	k := class{needs.Release, needs.Architecture, size.Disk == resource.DiskShuffleOptimized}
	if needs.ReleaseCached {
		k.release = ""
	}
	if c.pools[k] == nil {
		c.pools[k] = c.newPool(k)
	}
	return demand{size.Vector, c.bulk(size.Vector), c.pools[k]}
}

func (c *cluster) newPool(k class) *pool {
	p := &pool{class: k}
	members := make([][]*node, len(c.zones))
	for _, n := range c.nodes {
		if k.serves(n.Node) {
			zone := c.zoneOf(n.Zone)
			members[zone] = append(members[zone], n)
			p.count++
		}
	}
	for _, nodes := range members {
		p.zones = append(p.zones, newIndex(nodes))
	}
	if p.count == 0 {
		p.why = c.whyNone(k)
	}
	return p
}

// serves says whether workers of the class may run on a node. A node with a shuffle-optimised disk also serves workers
// that need none.
func (k class) serves(n *Node) bool {
	return k.servesBut(n) && (k.release == "" || n.Releases[k.release])
}

// servesBut is serves without the release.
func (k class) servesBut(n *Node) bool {
	return (k.architecture == "" || k.architecture == n.Architecture) && (!k.shuffleDisk || n.ShuffleDisk)
}

// take holds so many slots of an amount on a node.
func (c *cluster) take(n *node, v resource.Vector, slots int64) {
	for _, x := range n.indexes {
		x.remove(n)
	}
	n.free = n.free.Without(v, slots)
	n.bulk = c.bulk(n.free.Vector)
	for _, x := range n.indexes {
		x.insert(n)
	}
}
