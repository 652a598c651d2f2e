package scheduler

import (
	"cmp"
	"slices"

	"github.com/headrace/headrace/internal/resource"
)

// fanout is about how many children a branch has, or nodes a leaf: it splits at twice as many.
const fanout = 32

// tree holds nodes of one lean by rising bulk of what is free on them, ties by id. It is a B+ tree in which every
// branch knows the largest free amount of each resource below it. A search for a demand begins at the demand's own
// bulk, since a node with less cannot hold it, and leaves out every branch in which no node has enough of some
// resource. So nodes that are full cost nothing, also those that are full in one resource only, and a search is as deep
// as the tree.
type tree struct {
	root *branch // nil: empty
}

// branch is a piece of a tree, and never empty: a leaf has nodes, any other has children.
type branch struct {
	children []*branch
	nodes    []*node
	last     *node           // the last node below it
	peak     resource.Vector // for each resource, the largest usable amount on any one node below it
	// stale: the peak may be too large, because a node that had it has left. It is measured again when a search comes
	// by: a run of a thousand workers takes a branch's nodes one after another, and none of them is looked for again.
	stale bool
}

func byBulk(x, y *node) int {
	if x.bulk != y.bulk {
		return cmp.Compare(x.bulk, y.bulk)
	}
	return cmp.Compare(x.ID, y.ID)
}

// newTree takes over nodes, in any order.
func newTree(nodes []*node) tree {
	slices.SortFunc(nodes, byBulk)
	var level []*branch
	for chunk := range slices.Chunk(nodes, fanout) {
		level = append(level, measured(&branch{nodes: slices.Clone(chunk)}))
	}
	for len(level) > 1 {
		var above []*branch
		for chunk := range slices.Chunk(level, fanout) {
			above = append(above, measured(&branch{children: slices.Clone(chunk)}))
		}
		level = above
	}
	if len(level) == 0 {
		return tree{}
	}
	return tree{level[0]}
}

func measured(b *branch) *branch {
	b.measure()
	return b
}

// measure finds last and peak again.
func (b *branch) measure() {
	b.stale = false
	b.last = b.end()
	if b.children == nil {
		b.peak = b.nodes[0].usable()
		for _, n := range b.nodes[1:] {
			b.peak = larger(b.peak, n.usable())
		}
		return
	}
	b.peak = b.children[0].exactPeak()
	for _, child := range b.children[1:] {
		b.peak = larger(b.peak, child.exactPeak())
	}
}

// exactPeak returns the peak, measured again if it is stale.
func (b *branch) exactPeak() resource.Vector {
	if b.stale {
		b.measure()
	}
	return b.peak
}

func larger(v, w resource.Vector) resource.Vector {
	return resource.Vector{
		MilliCPU:  max(v.MilliCPU, w.MilliCPU),
		MemoryMiB: max(v.MemoryMiB, w.MemoryMiB),
		DiskMiB:   max(v.DiskMiB, w.DiskMiB),
	}
}

// peak returns, for each resource, the largest usable amount on any one node.
func (t *tree) peak() resource.Vector {
	if t.root == nil {
		return resource.Vector{}
	}
	return t.root.exactPeak()
}

// end returns the last node below a branch.
func (b *branch) end() *node {
	if b.children == nil {
		return b.nodes[len(b.nodes)-1]
	}
	return b.children[len(b.children)-1].last
}

// all yields every node below by rising bulk.
func (b *branch) all(yield func(*node) bool) bool {
	for _, n := range b.nodes {
		if !yield(n) {
			return false
		}
	}
	for _, child := range b.children {
		if !child.all(yield) {
			return false
		}
	}
	return true
}

// fitting yields the nodes below that hold d by rising bulk.
func (b *branch) fitting(d *demand, yield func(*node) bool) bool {
	if b.last.bulk < d.bulk || !d.size.FitsIn(b.peak) || !d.size.FitsIn(b.exactPeak()) {
		return true
	}
	for _, n := range b.nodes {
		if n.free.Holds(d.size, 1) && !yield(n) {
			return false
		}
	}
	for _, child := range b.children {
		if !child.fitting(d, yield) {
			return false
		}
	}
	return true
}
