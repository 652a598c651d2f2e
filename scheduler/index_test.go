package scheduler

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/headrace/headrace/internal/resource"
)

// TestIndex_FindsWhatALinearSearchFinds moves nodes about in an index of many blocks, and compares searches with a
// sorted list.
func TestIndex_FindsWhatALinearSearchFinds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := manyNodes(t)
		d := c.demand(&Needs{}, resource.Size{Vector: drawVector(t, 16)})
		for range rapid.IntRange(1, 300).Draw(t, "moves") {
			n := c.nodes[rapid.IntRange(0, len(c.nodes)-1).Draw(t, "node")]
			c.take(n, drawVector(t, 4).Sub(drawVector(t, 4)), rapid.Int64Range(-2, 2).Draw(t, "slots"))
		}
		x := d.pool.zones[0]
		all := slices.Collect(x.all())
		if len(all) != len(c.nodes) || !slices.IsSortedFunc(all, byBulk) {
			t.Fatalf("%d of %d nodes in the index, or not in order", len(all), len(c.nodes))
		}
		want := slices.DeleteFunc(slices.Clone(all), func(n *node) bool { return !n.free.Holds(d.size, 1) })
		if got := slices.Collect(x.fitting(d)); !slices.Equal(got, want) {
			t.Fatalf("found %d nodes for %v, a linear search %d", len(got), d.size, len(want))
		}
		checkSums(t, x)
	})
}

func manyNodes(t *rapid.T) *cluster {
	var nodes []Node
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
	return newCluster(nodes)
}

func checkSums(t *rapid.T, x *index) {
	var free resource.Vector
	for _, b := range x.blocks {
		largest := b.nodes[0].usable()
		for _, n := range b.nodes {
			free = free.Add(n.free.Vector)
			largest = larger(largest, n.usable())
		}
		if len(b.nodes) >= 2*blockSize || largest != b.peak {
			t.Fatalf("block of %d nodes says at most %v free, has %v", len(b.nodes), b.peak, largest)
		}
	}
	if free != x.free {
		t.Fatalf("index says %v free, has %v", x.free, free)
	}
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
