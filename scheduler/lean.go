package scheduler

import (
	"iter"
	"math"
	"math/bits"

	"github.com/headrace/headrace/internal/resource"
)

// An amount's lean says how much memory there is in it for each vCPU: 0 up to some 700 MiB, then one more each time
// that it doubles, to the last from some 23 GiB on. The middle of each is a power of two, as machines and workers are
// made, so that 4 GiB lean the same as a little more or less.
const (
	leans     = 7
	firstLean = 9 // the power of two, in MiB, in the middle of lean 0
)

// leanOf returns the lean of an amount.
func leanOf(v resource.Vector) int {
	switch {
	case v.MemoryMiB <= 0:
		return 0
	case v.MilliCPU <= 0:
		return leans - 1
	}
	each := min(v.MemoryMiB, math.MaxInt64/1000) * 1000 / v.MilliCPU
	each = min(each, 1<<(firstLean+leans))
	// The square has twice the digits: half of them change in the middle between two powers.
	power := bits.Len64(uint64(each*each)) / 2
	return min(max(power-firstLean, 0), leans-1)
}

// grove holds the nodes of an index by their lean.
type grove [leans]tree

// newGrove takes over nodes, in any order.
func newGrove(nodes []*node) (g grove) {
	var byLean [leans][]*node
	for _, n := range nodes {
		byLean[n.lean] = append(byLean[n.lean], n)
	}
	for lean := range g {
		g[lean] = newTree(byLean[lean])
	}
	return g
}

// peak returns, for each resource, the largest usable amount on any one node.
func (g *grove) peak() (peak resource.Vector) {
	for lean := range g {
		peak = larger(peak, g[lean].peak())
	}
	return peak
}

// all yields every node. The grove must not change meanwhile.
func (g *grove) all() iter.Seq[*node] {
	return func(yield func(*node) bool) {
		for lean := range g {
			if root := g[lean].root; root != nil && !root.all(yield) {
				return
			}
		}
	}
}

// fitting yields the nodes that hold d: first those that lean as d does, then those that lean more and more otherwise,
// of equally far ones those with less memory first; each by rising bulk. The grove must not change meanwhile.
func (g *grove) fitting(d demand) iter.Seq[*node] {
	return func(yield func(*node) bool) {
		for distance := range leans {
			if !g.leaning(d.lean-distance, &d, yield) || distance > 0 && !g.leaning(d.lean+distance, &d, yield) {
				return
			}
		}
	}
}

// leaning yields the nodes of a lean, of which there may be none, that hold d.
func (g *grove) leaning(lean int, d *demand, yield func(*node) bool) bool {
	if lean < 0 || lean >= leans || g[lean].root == nil {
		return true
	}
	return g[lean].root.fitting(d, yield)
}
