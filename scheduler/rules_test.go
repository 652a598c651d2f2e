package scheduler

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/headrace/headrace/internal/label"
	"github.com/headrace/headrace/internal/resource"
)

// ruled is a request for one worker of 1 vCPU by an application, on nodes that meet a constraint.
func ruled(tb testing.TB, application string, i int, where string) Request {
	size := resource.Size{
		Vector: resource.Vector{MilliCPU: 1000, MemoryMiB: 1024, DiskMiB: 1024},
		Disk:   resource.DiskStandard,
	}
	return Request{
		Run:         fmt.Sprintf("%s-%03d", application, i),
		Application: application,
		Attempt:     1,
		Submitted:   int64(i),
		Driver:      size,
		Worker:      size,
		Needs:       Needs{Nodes: label.NewRules(parsed(tb, where), nil, "")},
	}
}

// crowd is a cluster in which one application has a run for each of many nodes, and another one only one run.
func crowd(t *testing.T, nodes int, milliCPU int64) *Cluster {
	c := NewCluster()
	for i := range nodes {
		room := resource.Vector{MilliCPU: milliCPU, MemoryMiB: 64 << 10, DiskMiB: 400 << 10}
		id := fmt.Sprintf("n%03d", i)
		c.SetNode(Node{ID: id, Zone: "a", Capacity: room, Free: room, Labels: label.Of(map[string]string{"name": id})})
		c.SetRequest(ruled(t, "many", i, "name == "+id))
	}
	c.SetRequest(ruled(t, "one", 0, "name != n000"))
	return c
}

// TestPlan_RulesTakeTurns holds that a plan makes few classes however many rules are asked for, that an application
// with one rule has its turn at once, and that all have theirs in the end, as the same input says.
func TestPlan_RulesTakeTurns(t *testing.T) {
	const nodes = 300
	c := crowd(t, nodes, 4000)
	for second := range int64(nodes) {
		c.SetBounds(Bounds{Now: second * int64(time.Second)})
		in := c.Input()
		plan := c.Plan()
		plan.Waits = slices.Collect(c.Waits())
		if got, want := describe(plan), describe(Plan(in)); got != want {
			t.Fatalf("in second %d the cluster that is kept gives\n%s\nand its input\n%s", second, got, want)
		}
		if len(c.pools) > maxPools {
			t.Fatalf("%d classes are kept", len(c.pools))
		}
		if second == 0 && !slices.ContainsFunc(plan.Placements, func(p Placement) bool { return p.Run == "one-000" }) {
			t.Error("the application with one rule waits")
		}
		if len(plan.Placements) > maxOpen {
			t.Fatalf("%d rules had their turn at once", len(plan.Placements))
		}
		for _, p := range plan.Placements {
			c.RemoveAsk(p.Run)
		}
	}
	if !c.Idle() {
		t.Errorf("%d runs never had their turn", len(c.asks))
	}
}

// TestPlan_RulesTakeTurnsAlsoIfTheyWaitForEver holds that those for which there is no room let the others have theirs.
func TestPlan_RulesTakeTurnsAlsoIfTheyWaitForEver(t *testing.T) {
	const nodes = 300
	c := crowd(t, nodes, 500) // no room for anything
	looked := map[string]bool{}
	for second := range int64(nodes / (surely / 2)) { // as two applications take turns
		c.SetBounds(Bounds{Now: second * int64(time.Second)})
		c.Plan()
		for w := range c.Waits() {
			if w.Kind != WaitNextPlan {
				looked[w.Run] = true
			}
		}
	}
	if len(looked) != nodes+1 {
		t.Errorf("%d of %d runs had their turn", len(looked), nodes+1)
	}
}
