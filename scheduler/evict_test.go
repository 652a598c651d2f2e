package scheduler

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// TestPlan_EvictsWhatYields: what is evicted for a request yields to its priority, and is on nodes of one zone.
// With its room the request is placed, if nothing comes before it.
func TestPlan_EvictsWhatYields(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := drawInput(t)
		in.Look = true
		for _, e := range Plan(in).Evictions {
			r := requestOf(in, e.Run)
			after := in
			after.Applications = slices.Clone(in.Applications)
			after.Look = false
			after.Nodes = evicted(t, in, e, r.Priority)
			after.Waiting = []Request{r}
			after.Growing = nil
			after.Promises = nil
			for i := range after.Applications {
				if after.Applications[i].ID != r.Application { // its slots may be missing, and take the room
					after.Applications[i].Pools = nil
				}
			}
			if out := Plan(after); len(out.Placements) != 1 {
				t.Fatalf("%+v is evicted for %+v, which still waits: %s", e, r, describe(out))
			}
		}
	})
}

func requestOf(in Input, run string) Request {
	for _, r := range in.Waiting {
		if r.Run == run {
			return r
		}
	}
	return Request{}
}

// evicted returns the nodes as they are when all have gone.
func evicted(t *rapid.T, in Input, e Eviction, priority uint32) (nodes []Node) {
	gone := 0
	for _, n := range in.Nodes {
		for _, o := range in.Occupants(n.ID) {
			for _, id := range e.IDs {
				if o.ID != id {
					continue
				}
				if o.Yields == 0 || o.Yields > priority || n.Zone != e.Zone {
					t.Fatalf("%+v on %s does not yield to %d in %+v", o, n.ID, priority, e)
				}
				gone++
				n.Free = n.Free.Add(o.Size)
				n.Held--
			}
		}
		nodes = append(nodes, n)
	}
	if gone != len(e.IDs) {
		t.Fatalf("%d of %+v are there", gone, e)
	}
	return nodes
}
