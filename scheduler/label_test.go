package scheduler

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"github.com/headrace/headrace/internal/label"
	"github.com/headrace/headrace/internal/resource"
)

// lone draws nodes and one request of four or fewer workers, with its minimum equal to its initial set.
func lone(t *rapid.T, rules *label.Rules) Input {
	r := drawRequest(t, "r")
	r.Initial = rapid.Uint32Range(0, 5).Draw(t, "initial")
	r.Minimum = r.Initial
	r.AvoidNode, r.AvoidZone = "", ""
	r.Needs.Nodes = rules
	return Input{Nodes: drawNodes(t, 6), Waiting: []Request{r}}
}

// nodesOf returns the nodes of a plan's only placement, with the workers on each.
func nodesOf(out Output) map[string]int {
	workers := map[string]int{}
	for _, p := range out.Placements {
		workers[p.Driver]++
		for _, s := range p.Shares {
			workers[s.Node] += int(s.Count)
		}
	}
	return workers
}

// TestPlan_UsesPreferredNodesAloneIfTheyServe compares with a search that tries every node that is preferred.
func TestPlan_UsesPreferredNodesAloneIfTheyServe(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		prefer := drawConstraints(t, "prefer", 2)
		in := lone(t, label.NewRules(nil, prefer, drawSpread(t)))
		for n := len(prefer); n > 0; n-- {
			var liked []Node
			for _, node := range in.Nodes {
				like := Needs{Nodes: label.NewRules(prefer[:n], nil, "")}
				if lets(&like, &node) {
					liked = append(liked, node)
				}
			}
			if !existsPlacement(liked, &in.Waiting[0]) {
				continue
			}
			for id := range nodesOf(Plan(in)) {
				if !contains(liked, id) {
					t.Fatalf("%s is not preferred by the first %d of %v:\n%s", id, n, prefer, describe(Plan(in)))
				}
			}
			return
		}
	})
}

func contains(nodes []Node, id string) bool {
	for i := range nodes {
		if nodes[i].ID == id {
			return true
		}
	}
	return false
}

// TestPlan_SpreadsEvenly holds that a domain has fewer workers than another one, by more than one, only if none of its
// nodes, but for the driver's, has room for a further one.
func TestPlan_SpreadsEvenly(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := lone(t, nil)
		in.Waiting[0].Initial = rapid.Uint32Range(0, 20).Draw(t, "many")
		in.Waiting[0].Minimum = 0
		in.Waiting[0].Needs = Needs{
			Nodes: label.NewRules(nil, nil, rapid.SampledFrom([]string{"rack", "node"}).Draw(t, "over")),
		}
		in.Nodes = drawNodes(t, 12)
		for i := range in.Nodes { // all of them serve
			in.Nodes[i].Zone = "a"
			in.Nodes[i].Held = 0
			in.Nodes[i].ShuffleDisk = true
		}
		out := Plan(in)
		if len(out.Placements) == 0 {
			return
		}
		r := &in.Waiting[0]
		most := 0
		domains := map[string]int{}
		room := map[string]bool{}
		for _, n := range in.Nodes {
			value, _ := n.labelled().Get(r.Needs.Nodes.Spread())
			workers := nodesOf(out)[n.ID]
			free := resource.Room{Vector: n.Free, Slots: resource.MaxSlots - n.Held}
			if n.ID == out.Placements[0].Driver {
				continue
			}
			domains[value] += workers
			most = max(most, domains[value])
			if free.Holds(r.Worker.Times(int64(workers+1)), int64(workers+1)) {
				room[value] = true
			}
		}
		for value, workers := range domains {
			if room[value] && workers < most-1 {
				t.Fatalf("domain %q has %d workers, another %d:\n%s", value, workers, most, describe(out))
			}
		}
	})
}

// TestCluster_NodesFollowTheirLabels changes a node's labels: a plan takes it from then on.
func TestCluster_NodesFollowTheirLabels(t *testing.T) {
	size := resource.Size{Vector: resource.Vector{MilliCPU: 1000, MemoryMiB: 1024, DiskMiB: 1024}}
	nvme, err := label.Parse("disk == nvme")
	if err != nil {
		t.Fatal(err)
	}
	n := Node{ID: "n", Zone: "a", Capacity: size.Times(4), Free: size.Times(4)}
	c := NewClusterOf(Input{
		Nodes: []Node{n},
		Waiting: []Request{{
			Run: "r", Application: "app", Driver: size,
			Needs: Needs{Nodes: label.NewRules([]label.Constraint{nvme}, nil, "")},
		}},
	})
	if out := c.Plan(); len(out.Placements) != 0 {
		t.Fatalf("placed on a node without the label: %+v", out.Placements)
	}
	n.Labels = label.Of(map[string]string{"disk": "nvme"})
	c.SetNode(n)
	if out := c.Plan(); len(out.Placements) != 1 {
		wait, _ := c.Wait("r")
		t.Fatalf("not placed on a node that has the label now: %s", wait.Message)
	}
	n.Labels = label.Of(map[string]string{"disk": "hdd"})
	c.SetNode(n)
	c.Plan()
	wait, _ := c.Wait("r")
	if want := "no node has disk == nvme; 1 node has the label disk: hdd"; wait.Message != want {
		t.Errorf("waits because %q, not %q", wait.Message, want)
	}
}

// TestWhyNone_ListsAFewValuesOfMany keeps reasons short.
func TestWhyNone_ListsAFewValuesOfMany(t *testing.T) {
	var values []string
	for i := range 12 {
		values = append(values, fmt.Sprint("v", i))
	}
	if got, want := listed(values), "v0, v1, v2, v3, v4, v5, v6, v7 and 4 more"; got != want {
		t.Errorf("%q, not %q", got, want)
	}
}
