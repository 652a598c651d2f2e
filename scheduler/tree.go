package scheduler

import (
	"cmp"
	"iter"
	"slices"
	"sort"

	"github.com/headrace/headrace/internal/resource"
)

// fanout is about how many children a branch has, or nodes a leaf: it splits at twice as many.
const fanout = 32

// tree holds nodes by rising bulk of what is free on them, ties by id. It is a B+ tree in which every branch knows the
// largest free amount of each resource below it. A search for a demand begins at the demand's own bulk, since a node
// with less cannot hold it, and leaves out every branch in which no node has enough of some resource. So nodes that are
// full cost nothing, also those that are full in one resource only, and a search is as deep as the tree.
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

// touches says whether an amount is the largest of some resource.
func touches(v, peak resource.Vector) bool {
	return v.MilliCPU >= peak.MilliCPU || v.MemoryMiB >= peak.MemoryMiB || v.DiskMiB >= peak.DiskMiB
}

// peak returns, for each resource, the largest usable amount on any one node.
func (t *tree) peak() resource.Vector {
	if t.root == nil {
		return resource.Vector{}
	}
	return t.root.exactPeak()
}

// insert adds a node.
func (t *tree) insert(n *node) {
	if t.root == nil {
		t.root = measured(&branch{nodes: []*node{n}})
		return
	}
	if sibling := t.root.insert(n); sibling != nil {
		t.root = measured(&branch{children: []*branch{t.root, sibling}})
	}
}

// insert adds a node below, and returns the upper half of the branch if it was split.
func (b *branch) insert(n *node) (sibling *branch) {
	b.peak = larger(b.peak, n.usable())
	if byBulk(n, b.last) > 0 {
		b.last = n
	}
	if b.children == nil {
		at, _ := slices.BinarySearchFunc(b.nodes, n, byBulk)
		b.nodes = slices.Insert(b.nodes, at, n)
		return b.split()
	}
	at := min(b.childOf(n), len(b.children)-1)
	if more := b.children[at].insert(n); more != nil {
		b.children = slices.Insert(b.children, at+1, more)
	}
	return b.split()
}

// childOf returns the number of the first child that ends at a node's position in the order, or after it.
func (b *branch) childOf(n *node) int {
	return sort.Search(len(b.children), func(i int) bool { return byBulk(b.children[i].last, n) >= 0 })
}

// split halves a branch that is too large, and returns its upper half.
func (b *branch) split() (upper *branch) {
	if len(b.nodes) < 2*fanout && len(b.children) < 2*fanout {
		return nil
	}
	if b.children == nil {
		upper = measured(&branch{nodes: slices.Clone(b.nodes[fanout:])})
		clear(b.nodes[fanout:])
		b.nodes = b.nodes[:fanout]
	} else {
		upper = measured(&branch{children: slices.Clone(b.children[fanout:])})
		clear(b.children[fanout:])
		b.children = b.children[:fanout]
	}
	b.measure()
	return upper
}

// remove takes a node out that is in the tree, with the bulk that it had when it was inserted.
func (t *tree) remove(n *node) {
	if t.root.remove(n) {
		t.root = nil
		return
	}
	for len(t.root.children) == 1 {
		t.root = t.root.children[0]
	}
}

// remove takes a node out of a branch, and says whether the branch is empty now.
func (b *branch) remove(n *node) (empty bool) {
	if b.children == nil {
		at, _ := slices.BinarySearchFunc(b.nodes, n, byBulk)
		b.nodes = slices.Delete(b.nodes, at, at+1)
	} else {
		b.removeBelow(n)
	}
	if len(b.nodes)+len(b.children) == 0 {
		return true
	}
	b.stale = b.stale || touches(n.usable(), b.peak)
	if n == b.last {
		b.last = b.end()
	}
	return false
}

// end returns the last node below a branch.
func (b *branch) end() *node {
	if b.children == nil {
		return b.nodes[len(b.nodes)-1]
	}
	return b.children[len(b.children)-1].last
}

// removeBelow takes a node out of a child. What is left of the child joins its neighbour if both are small, so that
// nodes that come and go do not leave a tree of nearly empty branches.
func (b *branch) removeBelow(n *node) {
	at := b.childOf(n)
	if b.children[at].remove(n) {
		b.children = slices.Delete(b.children, at, at+1)
		return
	}
	if at == len(b.children)-1 {
		at--
	}
	if at < 0 {
		return
	}
	left := b.children[at]
	right := b.children[at+1]
	if left.size()+right.size() > fanout {
		return
	}
	left.nodes = append(left.nodes, right.nodes...)
	left.children = append(left.children, right.children...)
	left.measure()
	b.children = slices.Delete(b.children, at+1, at+2)
}

func (b *branch) size() int { return len(b.nodes) + len(b.children) }

// all yields every node by rising bulk. The tree must not change meanwhile.
func (t *tree) all() iter.Seq[*node] {
	return func(yield func(*node) bool) {
		if t.root != nil {
			t.root.all(yield)
		}
	}
}

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

// fitting yields the nodes that hold d by rising bulk. The tree must not change meanwhile.
func (t *tree) fitting(d demand) iter.Seq[*node] {
	return func(yield func(*node) bool) {
		if t.root != nil {
			t.root.fitting(&d, yield)
		}
	}
}

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
