package scheduler

import (
	"cmp"
	"slices"

	"github.com/headrace/headrace/internal/label"
	"github.com/headrace/headrace/internal/resource"
)

// maxPools bounds the classes of needs for which a cluster keeps indexes between plans. Those of other classes are made
// again when they are asked for; the ones that no plan asked for in the longest time go.
const maxPools = 64

// class is what a worker asks of a node beside room.
type class struct {
	release, architecture string // empty: any
	shuffleDisk           bool
	where                 string // the constraints that the node meets, as label.Set writes them
	spread                string // the label over whose values workers are spread within a zone; empty: over none
}

// pool holds the nodes that serve a class, one index per zone.
type pool struct {
	class   class
	where   *label.Set
	zones   []*index // in the order of Cluster.zones
	order   []*index // by what is left, the zone with the least room first
	count   int      // nodes
	used    uint64   // the newest plan that asked for it
	dropped bool
	why     *reason // why it has no nodes, as of whyAt; nil: nobody asked
	whyAt   uint64  // Cluster.members
}

// demand is one worker's size and the nodes that may hold it.
type demand struct {
	size   resource.Vector
	bulk   int64
	lean   int
	pool   *pool
	better []*pool // of nodes that are preferred: each is a part of the next, and the last of them of pool
}

// tiers counts the pools of a demand.
func (d demand) tiers() int { return len(d.better) + 1 }

// tier returns a pool of a demand: the first has the nodes that meet all preferences, the last all that serve.
func (d demand) tier(i int) *pool {
	if i < len(d.better) {
		return d.better[i]
	}
	return d.pool
}

// upTo returns the same demand, for the nodes of one tier only.
func (d demand) upTo(tier int) demand {
	d.pool, d.better = d.tier(tier), d.better[:tier]
	return d
}

// classOf returns the class of workers, but for the constraints.
func classOf(needs *Needs, disk resource.DiskType) class {
	k := class{
		release:      needs.Release,
		architecture: needs.Architecture,
		shuffleDisk:  disk == resource.DiskShuffleOptimized,
		spread:       needs.Nodes.Spread(),
	}
	if needs.ReleaseCached {
		k.release = ""
	}
	if k.spread == label.Zone { // a run stays in one
		k.spread = ""
	}
	return k
}

// demand finds the nodes for workers of a size.
func (c *Cluster) demand(needs *Needs, size resource.Size) demand {
	d := demand{size: size.Vector, bulk: c.bulk(size.Vector), lean: leanOf(size.Vector)}
	k := classOf(needs, size.Disk)
	tiers := needs.Nodes.Tiers()
	for i := range len(tiers) - 1 {
		d.better = append(d.better, c.poolOf(k, &tiers[i]))
	}
	d.pool = c.poolOf(k, &tiers[len(tiers)-1])
	return d
}

// poolOf returns the nodes that serve a class and meet constraints.
func (c *Cluster) poolOf(k class, where *label.Set) *pool {
	k.where = where.String()
	p := c.pools[k]
	if p == nil {
		p = c.newPool(k, where)
		c.pools[k] = p
	}
	p.used = c.plans
	return p
}

func (c *Cluster) newPool(k class, where *label.Set) *pool {
	p := &pool{class: k, where: where}
	members := make([][]*node, len(c.zones))
	for _, n := range c.nodes {
		if p.serves(&n.Node) {
			members[n.zone] = append(members[n.zone], n)
			p.count++
		}
	}
	for zone, nodes := range members {
		x := newIndex(p, zone, nodes)
		x.left = c.bulk(x.free)
		p.zones = append(p.zones, x)
	}
	p.order = slices.Clone(p.zones)
	slices.SortFunc(p.order, byRoom)
	for rank, x := range p.order {
		x.rank = rank
	}
	return p
}

// byRoom puts the zone with the least room first, ties by name.
func byRoom(x, y *index) int {
	return cmp.Or(cmp.Compare(x.left, y.left), cmp.Compare(x.zone, y.zone))
}

// settle puts an index in its place after what is free in it has changed. A node changes little of a zone, so it rarely
// passes more than a neighbour.
func (p *pool) settle(x *index, left int64) {
	x.left = left
	for x.rank > 0 && byRoom(x, p.order[x.rank-1]) < 0 {
		p.swap(x.rank - 1)
	}
	for x.rank < len(p.order)-1 && byRoom(x, p.order[x.rank+1]) > 0 {
		p.swap(x.rank)
	}
}

// swap exchanges the zones at a rank and at the next.
func (p *pool) swap(rank int) {
	p.order[rank], p.order[rank+1] = p.order[rank+1], p.order[rank]
	p.order[rank].rank = rank
	p.order[rank+1].rank = rank + 1
}

// serves says whether workers of the class may run on a node.
func (p *pool) serves(n *Node) bool {
	return p.class.fits(n) && p.class.holds(n) && p.where.Holds(n.labelled())
}

// holds says whether a node holds the release.
func (k class) holds(n *Node) bool { return k.release == "" || n.Releases[k.release] }

// fits says whether a node is such a machine. One with a shuffle-optimised disk also serves workers that need none.
func (k class) fits(n *Node) bool {
	return (k.architecture == "" || k.architecture == n.Architecture) && (!k.shuffleDisk || n.ShuffleDisk)
}

// forgetPools drops the pools that plans asked for least lately, down to the bound.
func (c *Cluster) forgetPools() {
	if len(c.pools) <= maxPools {
		return
	}
	var all []*pool
	for _, p := range c.pools {
		all = append(all, p)
	}
	slices.SortFunc(all, func(x, y *pool) int { return cmp.Compare(y.used, x.used) })
	for _, p := range all[maxPools:] {
		delete(c.pools, p.class)
		p.dropped = true
	}
	for _, n := range c.nodes { // once, however many pools go
		n.indexes = slices.DeleteFunc(n.indexes, func(x *index) bool { return x.pool.dropped })
	}
	c.forgetShapes() // they know their pools
}
