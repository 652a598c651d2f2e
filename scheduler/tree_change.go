package scheduler

import (
	"slices"
	"sort"

	"github.com/headrace/headrace/internal/resource"
)

// touches says whether an amount is the largest of some resource.
func touches(v, peak resource.Vector) bool {
	return v.MilliCPU >= peak.MilliCPU || v.MemoryMiB >= peak.MemoryMiB || v.DiskMiB >= peak.DiskMiB
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
