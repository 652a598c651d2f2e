package scheduler

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/headrace/headrace/internal/resource"
)

// TestIndex_FindsWhatALinearSearchFinds moves nodes about in an index of many branches, and compares searches with a
// sorted list.
func TestIndex_FindsWhatALinearSearchFinds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		nodes := manyNodes(t)
		c := NewClusterOf(Input{Nodes: nodes})
		c.settle()
		d := c.demand(&Needs{}, resource.Size{Vector: drawVector(t, 16)})
		for range rapid.IntRange(1, 300).Draw(t, "moves") {
			n := c.nodes[nodes[rapid.IntRange(0, len(nodes)-1).Draw(t, "node")].ID]
			c.take(n, drawVector(t, 4).Sub(drawVector(t, 4)), rapid.Int64Range(-2, 2).Draw(t, "slots"))
		}
		x := d.pool.zones[0]
		all := slices.Collect(x.all())
		if len(all) != len(nodes) || !slices.IsSortedFunc(all, byLeanAndBulk) {
			t.Fatalf("%d of %d nodes in the index, or not in order", len(all), len(c.nodes))
		}
		want := slices.DeleteFunc(slices.Clone(all), func(n *node) bool { return !n.free.Holds(d.size, 1) })
		slices.SortStableFunc(want, func(x, y *node) int { return cmp.Compare(d.away(x.lean), d.away(y.lean)) })
		if got := slices.Collect(x.fitting(d)); !slices.Equal(got, want) {
			t.Fatalf("found %d nodes for %v, a linear search %d", len(got), d.size, len(want))
		}
		checkSums(t, x)
	})
}

func byLeanAndBulk(x, y *node) int { return cmp.Or(cmp.Compare(x.lean, y.lean), byBulk(x, y)) }

// TestLeanOf_HasPowersOfTwoInTheMiddle also holds that it is right at every end.
func TestLeanOf_HasPowersOfTwoInTheMiddle(t *testing.T) {
	const gib = 1 << 10
	for _, c := range []struct {
		milliCPU, memoryMiB int64
		want                int
	}{
		{1000, 0, 0},
		{1000, -1, 0},
		{1000, 1, 0},
		{1000, 700, 0},
		{1000, 750, 1},
		{1000, gib, 1},
		{1000, 1400, 1},
		{1000, 1500, 2},
		{1000, 2 * gib, 2},
		{32_000, 124 * gib, 3},
		{32_000, 128 * gib, 3},
		{4000, 30 * gib, 4},
		{1000, 8 * gib, 4},
		{1000, 16 * gib, 5},
		{1000, 32 * gib, 6},
		{1, 1 << 40, 6},
		{1, math.MaxInt64, 6},
		{math.MaxInt64, math.MaxInt64, 0},
		{0, 1, 6},
		{-1, 1, 6},
		{0, 0, 0},
	} {
		if got := leanOf(resource.Vector{MilliCPU: c.milliCPU, MemoryMiB: c.memoryMiB}); got != c.want {
			t.Errorf("%d thousandths of a vCPU with %d MiB lean %d, not %d", c.milliCPU, c.memoryMiB, got, c.want)
		}
	}
}

func manyNodes(t *rapid.T) (nodes []Node) {
	for i := range rapid.IntRange(1, 300).Draw(t, "nodes") {
		v := drawVector(t, 16)
		nodes = append(nodes, Node{
			ID:       fmt.Sprint("n", i),
			Zone:     "a",
			Capacity: v,
			Free:     v,
			Held:     rapid.SampledFrom([]int64{0, resource.MaxSlots - 1, resource.MaxSlots}).Draw(t, "held"),
		})
	}
	return nodes
}

func checkSums(t *rapid.T, x *index) {
	var free resource.Vector
	more := int64(0)
	full := 0
	for n := range x.all() {
		free = free.Add(n.free.Vector)
		if more += max(n.free.Slots, 0); n.free.Slots <= 0 {
			full++
		}
	}
	if free != x.free || more != x.more || full != x.full {
		t.Fatalf("index says %v, %d slots and %d full nodes, has %v, %d and %d", x.free, x.more, x.full, free, more, full)
	}
	for lean := range x.grove {
		if root := x.grove[lean].root; root != nil {
			checkBranch(t, root)
		}
	}
}

// checkBranch holds that a branch knows what is below it, and is not too large, and returns how deep it is. It only
// looks: to measure a branch again would mend what a search is to mend.
func checkBranch(t *rapid.T, b *branch) (depth int) {
	below := slices.Collect(func(yield func(*node) bool) { b.all(yield) })
	last := below[len(below)-1]
	peak := last.usable()
	for _, n := range below {
		peak = larger(peak, n.usable())
	}
	if !peak.FitsIn(b.peak) || !b.stale && b.peak != peak || b.last != last {
		t.Fatalf("a branch of %d says %v and %s, has %v and %s", b.size(), b.peak, b.last.ID, peak, last.ID)
	}
	if b.size() >= 2*fanout || b.size() == 0 {
		t.Fatalf("a branch has %d nodes or children", b.size())
	}
	for i, child := range b.children {
		if below := checkBranch(t, child); i > 0 && below != depth {
			t.Fatalf("a branch is %d and %d deep", depth, below)
		} else {
			depth = below
		}
	}
	return depth + 1
}

// TestMillionths_KeepsTheOrderOfAmounts holds that an amount that fits in another has no larger bulk, however large
// they are: no product overflows.
func TestMillionths_KeepsTheOrderOfAmounts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		amount := rapid.Int64Min(-1 << 62)
		mean := rapid.Int64Min(1).Draw(t, "mean")
		a := amount.Draw(t, "a")
		b := amount.Draw(t, "b")
		if x, y := millionths(min(a, b), mean), millionths(max(a, b), mean); x > y {
			t.Fatalf("%d is %d millionths of %d, and %d are %d", min(a, b), x, mean, max(a, b), y)
		}
	})
	if got := millionths(3, 2); got != 1_500_000 {
		t.Errorf("3 of 2 are %d millionths", got)
	}
}
