package scheduler

import (
	"cmp"
	"iter"
	"slices"
	"sort"

	"github.com/headrace/headrace/internal/resource"
)

// blockSize is about how many nodes a block holds: it splits at twice as many.
const blockSize = 64

// index keeps the nodes of one zone that serve one class of needs, by rising bulk of what is free on them, ties by id.
//
// It is a list of blocks, each of which knows the largest free amount of every resource in it. A search for a demand
// starts at the demand's own bulk (a node with less cannot hold it) and skips every block in which no node has enough
// of some resource: full nodes cost nothing, also those that are full in one resource only.
type index struct {
	blocks   []*block
	count    int             // nodes
	free     resource.Vector // on all of them
	capacity resource.Vector // of all of them
}

// block is a piece of an index; it is never empty.
type block struct {
	nodes []*node
	peak  resource.Vector // for each resource, the largest free amount on any one node
}

func byBulk(x, y *node) int { return x.compare(y.bulk, y.ID) }

func (n *node) compare(bulk int64, id string) int {
	if n.bulk != bulk {
		return cmp.Compare(n.bulk, bulk)
	}
	return cmp.Compare(n.ID, id)
}

// newIndex takes over nodes.
func newIndex(nodes []*node) *index {
	x := &index{count: len(nodes)}
	slices.SortFunc(nodes, byBulk)
	for chunk := range slices.Chunk(nodes, blockSize) {
		b := &block{nodes: slices.Clone(chunk)}
		b.measure()
		x.blocks = append(x.blocks, b)
	}
	for _, n := range nodes {
		n.indexes = append(n.indexes, x)
		x.free = x.free.Add(n.free.Vector)
		x.capacity = x.capacity.Add(n.Capacity)
	}
	return x
}

// measure finds the peak again.
func (b *block) measure() {
	b.peak = b.nodes[0].usable()
	for _, n := range b.nodes[1:] {
		b.peak = larger(b.peak, n.usable())
	}
}

// usable is what is free on the node; nothing when it holds as many slots as it may.
func (n *node) usable() resource.Vector {
	if n.free.Slots <= 0 {
		return resource.Vector{}
	}
	return n.free.Vector
}

func larger(v, w resource.Vector) resource.Vector {
	return resource.Vector{
		MilliCPU:  max(v.MilliCPU, w.MilliCPU),
		MemoryMiB: max(v.MemoryMiB, w.MemoryMiB),
		DiskMiB:   max(v.DiskMiB, w.DiskMiB),
	}
}

// peak returns, for each resource, the largest free amount on any one node.
func (x *index) peak() resource.Vector {
	var peak resource.Vector
	for _, b := range x.blocks {
		peak = larger(peak, b.peak)
	}
	return peak
}

// blockAt returns the number of the first block that ends at this position in the order or after it.
func (x *index) blockAt(bulk int64, id string) int {
	return sort.Search(len(x.blocks), func(i int) bool {
		nodes := x.blocks[i].nodes
		return nodes[len(nodes)-1].compare(bulk, id) >= 0
	})
}

// all yields every node by rising bulk. The index must not change meanwhile.
func (x *index) all() iter.Seq[*node] {
	return func(yield func(*node) bool) {
		for _, b := range x.blocks {
			for _, n := range b.nodes {
				if !yield(n) {
					return
				}
			}
		}
	}
}

// fitting yields the nodes that hold d by rising bulk. The index must not change meanwhile.
func (x *index) fitting(d demand) iter.Seq[*node] {
	return func(yield func(*node) bool) {
		for _, b := range x.blocks[x.blockAt(d.bulk, ""):] {
			if !d.size.FitsIn(b.peak) {
				continue
			}
			for _, n := range b.nodes {
				if n.free.Holds(d.size, 1) && !yield(n) {
					return
				}
			}
		}
	}
}

// remove takes a node out before its bulk changes.
func (x *index) remove(n *node) {
	i := x.blockAt(n.bulk, n.ID)
	b := x.blocks[i]
	at, _ := slices.BinarySearchFunc(b.nodes, n, byBulk)
	b.nodes = slices.Delete(b.nodes, at, at+1)
	if len(b.nodes) == 0 {
		x.blocks = slices.Delete(x.blocks, i, i+1)
	} else {
		b.measure()
	}
	x.free = x.free.Sub(n.free.Vector)
}

// insert puts a removed node back where it belongs now.
func (x *index) insert(n *node) {
	x.free = x.free.Add(n.free.Vector)
	if len(x.blocks) == 0 {
		x.blocks = []*block{{nodes: []*node{n}, peak: n.usable()}}
		return
	}
	i := min(x.blockAt(n.bulk, n.ID), len(x.blocks)-1)
	b := x.blocks[i]
	at, _ := slices.BinarySearchFunc(b.nodes, n, byBulk)
	b.nodes = slices.Insert(b.nodes, at, n)
	b.peak = larger(b.peak, n.usable())
	if len(b.nodes) >= 2*blockSize {
		x.split(i)
	}
}

func (x *index) split(i int) {
	b := x.blocks[i]
	upper := &block{nodes: slices.Clone(b.nodes[blockSize:])}
	b.nodes = b.nodes[:blockSize]
	b.measure()
	upper.measure()
	x.blocks = slices.Insert(x.blocks, i+1, upper)
}
