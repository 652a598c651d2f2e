package scheduler

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/headrace/headrace/internal/resource"
)

// town is the obvious simulation of a cluster: every placement is accepted, a run holds what it was placed with until
// it ends, and its driver and workers are of one size.
type town struct {
	nodes    []Node
	now      int64
	waiting  map[string]*living
	running  map[string]*living
	promises []Promise
	placed   map[string]int64 // when
}

// living is a run.
type living struct {
	Request
	takes  int64 // how long it runs, at most Longest
	ends   int64
	shares map[string]int64 // workers by node, the driver included
}

const step = int64(10 * time.Second)

var oneCore = resource.Size{Vector: resource.Vector{MilliCPU: 1000, MemoryMiB: 1024, DiskMiB: 1024}}

// newTown has zones with nodes of so many cores.
func newTown(zones, nodes int, cores int64) *town {
	w := &town{now: hour, waiting: map[string]*living{}, running: map[string]*living{}, placed: map[string]int64{}}
	for i := range zones * nodes {
		size := oneCore.Times(cores)
		w.nodes = append(w.nodes, Node{
			ID: fmt.Sprint("n", i), Zone: fmt.Sprint("z", i%zones), Capacity: size, Free: size,
		})
	}
	return w
}

// submit lets a run wait: with so many workers beside the driver, for a time that is at most longest.
func (w *town) submit(application string, workers uint32, takes, longest int64) string {
	id := fmt.Sprintf("r%05d", len(w.waiting)+len(w.placed))
	w.waiting[id] = &living{
		Request: Request{
			Run: id, Application: application, Attempt: 1, Submitted: w.now, Since: w.now, Longest: longest,
			Driver: oneCore, Worker: oneCore, DriverRole: driverRole, WorkerRole: workerRole,
			Initial: workers, Minimum: workers,
		},
		takes:  takes,
		shares: map[string]int64{},
	}
	return id
}

func (w *town) input() Input {
	in := Input{Nodes: w.nodes, Promises: w.promises, Bounds: Bounds{Now: w.now, Patience: minute, Look: true}}
	used := map[string]resource.Vector{}
	on := map[string][]Occupant{}
	for id, r := range w.running {
		for node, count := range r.shares {
			used[r.Application] = used[r.Application].Add(oneCore.Times(count))
			on[node] = append(on[node], Occupant{ID: id, Size: oneCore.Times(count), Ends: w.placed[id] + r.Longest})
		}
	}
	for id, r := range w.waiting {
		in.Waiting = append(in.Waiting, r.Request)
		if _, seen := used[r.Application]; !seen {
			used[r.Application] = resource.Vector{}
		}
		_ = id
	}
	for id, held := range used {
		in.Applications = append(in.Applications, Application{ID: id, Weight: 1, Used: held})
	}
	in.Occupants = func(node string) []Occupant { return on[node] }
	return in
}

// tick ends what ends, plans, and starts what was placed.
func (w *town) tick() {
	w.now += step
	for id, r := range w.running {
		if r.ends <= w.now {
			w.hold(r, -1)
			delete(w.running, id)
		}
	}
	out := Plan(w.input())
	w.promises = out.Promises
	for _, p := range out.Placements {
		r := w.waiting[p.Run]
		r.shares[p.Driver]++
		for _, s := range p.Shares {
			r.shares[s.Node] += int64(s.Count)
		}
		r.ends = w.now + r.takes
		w.placed[p.Run] = w.now
		w.hold(r, 1)
		w.running[p.Run] = r
		delete(w.waiting, p.Run)
	}
}

// hold takes what a run holds, or gives it back.
func (w *town) hold(r *living, sign int64) {
	for i := range w.nodes {
		n := &w.nodes[i]
		n.Free = n.Free.Sub(oneCore.Times(sign * r.shares[n.ID]))
		n.Held += sign * r.shares[n.ID]
	}
}

// TestPlan_SmallRunsDoNotStarveALargeOne: small runs come as soon as there is room for one. Large ones that
// need most of a zone are placed within the bound of docs/fairness.md all the same, one after another, and so are the
// small ones when no more come.
func TestPlan_SmallRunsDoNotStarveALargeOne(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := newTown(rapid.IntRange(1, 3).Draw(t, "zones"), rapid.IntRange(1, 4).Draw(t, "nodes"), 4)
		zone := uint32(4 * len(w.nodes) / len(inZones(w)))
		longest := rapid.Int64Range(2, 40).Draw(t, "longest") * step
		backlog := rapid.IntRange(1, 3).Draw(t, "backlog")
		large := map[string]int64{} // by when it has to be placed
		for i := range rapid.IntRange(20, 120).Draw(t, "steps") {
			for len(w.waiting) < backlog+len(large) {
				takes := rapid.Int64Range(1, longest/step).Draw(t, "takes") * step
				w.submit("small", rapid.Uint32Range(0, 1).Draw(t, "workers"), takes, longest)
			}
			if i%20 == 10 {
				workers := rapid.Uint32Range(zone/2, zone-1).Draw(t, "large")
				id := w.submit(rapid.SampledFrom([]string{"large", "small"}).Draw(t, "of"), workers, longest, longest)
				large[id] = w.now + minute + int64(len(w.waiting))*(longest+2*step)
			}
			w.tick()
			w.mustHavePlaced(t, large)
		}
		for range 100_000 {
			if w.tick(); len(w.waiting) == 0 {
				return
			}
			w.mustHavePlaced(t, large)
		}
		t.Fatalf("%d runs wait for ever", len(w.waiting))
	})
}

func inZones(w *town) map[string]bool {
	zones := map[string]bool{}
	for _, n := range w.nodes {
		zones[n.Zone] = true
	}
	return zones
}

// mustHavePlaced holds that what has to be placed by now is.
func (w *town) mustHavePlaced(t *rapid.T, by map[string]int64) {
	for id, at := range by {
		if r := w.waiting[id]; r != nil && w.now > at {
			t.Fatalf("run %s with %d workers waits for %s, with the promises %+v", id, r.Initial,
				time.Duration(w.now-r.Since), w.promises)
		}
	}
}

// Without promises the same small runs keep a large one waiting for as long as they come.
func TestPlan_WithoutPromisesALargeRunStarves(t *testing.T) {
	for _, patient := range []bool{true, false} {
		w := newTown(1, 2, 4)
		large := ""
		for i := range 200 {
			w.submit("small", 0, 8*step, 8*step)
			if i == 20 {
				large = w.submit("large", 7, step, step)
				if !patient {
					w.waiting[large].Since = 0 // nothing is promised to it
				}
			}
			w.tick()
		}
		if at := w.placed[large]; at > 0 != patient {
			t.Errorf("with promises %t: it was placed at %d", patient, at)
		}
	}
}

// TestPlan_GangsGetOutOfEachOthersWay: gangs that need more than half of a zone each, of several priorities, are all
// placed, one after another in each zone, and each of them once.
func TestPlan_GangsGetOutOfEachOthersWay(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := newTown(rapid.IntRange(1, 3).Draw(t, "zones"), 3, 4)
		gangs := rapid.IntRange(2, 15).Draw(t, "gangs")
		longest := int64(0)
		for range gangs {
			takes := rapid.Int64Range(1, 20).Draw(t, "takes") * step
			longest = max(longest, takes)
			id := w.submit(fmt.Sprint("app", rapid.IntRange(0, 2).Draw(t, "of")),
				rapid.Uint32Range(6, 11).Draw(t, "workers"), takes, takes)
			w.waiting[id].Priority = drawPriority(t)
		}
		for range int64(gangs) * (longest/step + 1) {
			w.tick()
			if len(w.running) > len(inZones(w)) {
				t.Fatalf("%d gangs run in %d zones", len(w.running), len(inZones(w)))
			}
		}
		if len(w.waiting) > 0 || len(w.placed) != gangs {
			t.Fatalf("%d of %d gangs still wait", len(w.waiting), gangs)
		}
	})
}
