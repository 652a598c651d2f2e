package scheduler

import (
	"fmt"
	"math/rand"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/headrace/headrace/internal/label"
	"github.com/headrace/headrace/internal/resource"
)

// The benchmarks plan on a cluster that is kept, as a leader does, and count all that the leader does for a decision:
// taking in what is asked for, the plan, and taking in that it was accepted. What follows, the end of the same runs,
// gives their room back for the next round and is not counted. Nodes have 32 vCPU and are filled to a random degree by
// slots of 4 vCPU, 16 GB and 20 GB disk; runs are of that size and of 50 applications.

// nodeCounts are those at which a plan should take the same time.
var nodeCounts = []int{1000, 5000, 10_000, 50_000}

// BenchmarkWide places a run of 1,000 workers.
func BenchmarkWide(b *testing.B) {
	for _, nodes := range nodeCounts {
		b.Run(fmt.Sprintf("nodes=%d", nodes), func(b *testing.B) { benchmark(b, newField(nodes, 3), 1, 999, 1000) })
	}
}

// BenchmarkSingle places a thousand runs of one worker.
func BenchmarkSingle(b *testing.B) {
	for _, nodes := range nodeCounts {
		b.Run(fmt.Sprintf("nodes=%d", nodes), func(b *testing.B) { benchmark(b, newField(nodes, 3), 1000, 0, 1000) })
	}
}

// BenchmarkLone places one run of a driver and three workers.
func BenchmarkLone(b *testing.B) {
	for _, nodes := range nodeCounts {
		b.Run(fmt.Sprintf("nodes=%d", nodes), func(b *testing.B) { benchmark(b, newField(nodes, 3), 1, 3, 4) })
	}
}

// BenchmarkZones places a thousand runs of one worker on 10,000 nodes in more and more zones, such as racks.
func BenchmarkZones(b *testing.B) {
	for _, zones := range []int{1, 3, 30, 300} {
		b.Run(fmt.Sprintf("zones=%d", zones), func(b *testing.B) { benchmark(b, newField(10_000, zones), 1000, 0, 1000) })
	}
}

// saying are what runs of benchmarks say of labels. Every second node has an nvme, and there are 40 racks in a zone.
var saying = []struct {
	name, where, prefer, spread string
}{
	{name: "nothing"},
	{name: "constraint", where: "disk == nvme"},
	{name: "preference", prefer: "disk == nvme"},
	{name: "zones", spread: "zone"},
	{name: "nodes", spread: "node"},
	{name: "racks", spread: "rack"},
}

// BenchmarkWideSaying places a run of 1,000 workers that says something of labels, on 10,000 nodes.
func BenchmarkWideSaying(b *testing.B) { benchmarkSaying(b, 1, 999) }

// BenchmarkSingleSaying does so with a thousand runs of one worker.
func BenchmarkSingleSaying(b *testing.B) { benchmarkSaying(b, 1000, 0) }

func benchmarkSaying(b *testing.B, runs int, workers uint32) {
	for _, said := range saying {
		b.Run("rules="+said.name, func(b *testing.B) {
			f := newField(10_000, 3)
			f.rules = label.NewRules(parsed(b, said.where), parsed(b, said.prefer), said.spread)
			benchmark(b, f, runs, workers, 1000)
		})
	}
}

func parsed(b testing.TB, text string) []label.Constraint {
	if text == "" {
		return nil
	}
	c, err := label.Parse(text)
	if err != nil {
		b.Fatal(err)
	}
	return []label.Constraint{c}
}

// BenchmarkBacklog places a run of one worker on 10,000 nodes while more and more runs wait that find no room.
func BenchmarkBacklog(b *testing.B) {
	for _, waiting := range []int{0, 1000, 100_000} {
		b.Run(fmt.Sprintf("waiting=%d", waiting), func(b *testing.B) {
			f := newField(10_000, 3)
			for i := range waiting {
				r := f.request(fmt.Sprintf("waiting-%06d", i), i, 3)
				r.Worker.MilliCPU = 32_000
				r.Minimum = 3000
				f.cluster.SetRequest(r)
			}
			benchmark(b, f, 1, 0, 1)
		})
	}
}

// BenchmarkAnew makes a cluster of 10,000 nodes anew and plans one run: what a new leader does once.
func BenchmarkAnew(b *testing.B) {
	f := newField(10_000, 3)
	f.cluster.SetRequest(f.request("r", 0, 3))
	in := f.cluster.Input()
	for b.Loop() {
		Plan(in)
	}
}

// BenchmarkLook is what it costs a plan to look for promises in vain: for runs that need nearly all of a zone, with
// 40,000 workers on 10,000 nodes, of which some never end.
func BenchmarkLook(b *testing.B) {
	f := newField(10_000, 3)
	f.cluster.SetBounds(Bounds{Now: 2, Patience: 1, Look: true})
	on := map[string][]Occupant{}
	for i, n := range f.nodes {
		for k := range n.Held {
			o := Occupant{ID: fmt.Sprint(n.ID, k), Size: f.size.Vector, Ends: int64(i % 50)}
			on[n.ID] = append(on[n.ID], o)
		}
	}
	f.cluster.SetOccupants(func(node string) []Occupant { return on[node] })
	for i := range 2 * maxLooks {
		r := f.request(fmt.Sprintf("r%d", i), i, uint32(3300+i))
		r.Worker.MilliCPU = 32_000
		r.Since = 1
		f.cluster.SetRequest(r)
	}
	b.ReportAllocs()
	for b.Loop() {
		if out := f.cluster.Plan(); len(out.Promises)+len(out.Placements) > 0 {
			b.Fatal("something was promised or placed")
		}
	}
}

// field is a cluster that is kept, with what is on each node.
type field struct {
	cluster *Cluster
	nodes   []Node
	size    resource.Size
	rules   *label.Rules // of the runs
}

const fieldApplications = 50

func newField(nodes, zones int) *field {
	r := rand.New(rand.NewSource(1))
	f := &field{
		cluster: NewCluster(),
		size: resource.Size{
			Vector: resource.Vector{MilliCPU: 4000, MemoryMiB: 16 << 10, DiskMiB: 20 << 10},
			Disk:   resource.DiskStandard,
		},
	}
	capacity := resource.Vector{MilliCPU: 32_000, MemoryMiB: 128 << 10, DiskMiB: 800 << 10}
	releases := map[string]bool{"emr-7.2.0": true}
	for i := range nodes {
		held := int64(r.Intn(9))
		n := Node{
			ID:       fmt.Sprintf("n%05d", i),
			Zone:     fmt.Sprintf("zone-%03d", i%zones),
			Capacity: capacity,
			Free:     capacity.Sub(f.size.Times(held)),
			Held:     held,
			Releases: releases,
			Labels: label.Of(map[string]string{
				"disk": []string{"nvme", "hdd"}[i/zones%2],
				"rack": fmt.Sprintf("rack-%d", i/zones%40),
			}),
		}
		n.Name = n.ID
		f.nodes = append(f.nodes, n)
		f.cluster.SetNode(n)
	}
	for i := range fieldApplications {
		f.cluster.SetApplication(Application{ID: applicationName(i), Weight: 1})
	}
	f.cluster.SetBounds(Bounds{MaxWorkers: 1000})
	return f
}

func applicationName(i int) string { return fmt.Sprintf("app-%02d", i%fieldApplications) }

func (f *field) request(run string, i int, workers uint32) Request {
	return Request{
		Run:         run,
		Application: applicationName(i),
		Attempt:     1,
		Submitted:   int64(i),
		Driver:      f.size,
		Worker:      f.size,
		DriverRole:  driverRole,
		WorkerRole:  workerRole,
		Initial:     workers,
		Needs:       Needs{Release: "emr-7.2.0", Nodes: f.rules},
	}
}

// benchmark has so many runs come, plans them, and takes in what became of them. Each is to have so many workers beside
// its driver, and all together to place so many.
func benchmark(b *testing.B, f *field, runs int, workers uint32, want int) {
	var requests []Request
	for i := range runs {
		requests = append(requests, f.request(fmt.Sprintf("run-%06d", i), i, workers))
	}
	var plan Output
	round := func() {
		for i := range requests {
			f.cluster.SetRequest(requests[i])
		}
		plan = f.cluster.Plan()
		f.accept(plan, 1)
	}
	round() // makes the indexes
	f.end(plan)
	var spent, busy time.Duration
	b.ReportAllocs()
	b.ResetTimer()
	for range b.N {
		began, cpu := time.Now(), cpuTime()
		round()
		spent += time.Since(began)
		busy += cpuTime() - cpu
		if placed := countWorkers(plan); placed != want {
			b.Fatalf("%d workers are placed, not %d", placed, want)
		}
		f.end(plan)
	}
	// Workers a second and µs for a plan, by the clock and by CPU time.
	b.ReportMetric(float64(want)*float64(b.N)/spent.Seconds(), "workers")
	b.ReportMetric(float64(want)*float64(b.N)/busy.Seconds(), "workers-cpu")
	b.ReportMetric(float64(spent.Nanoseconds())/float64(b.N)/1000, "plan")
	b.ReportMetric(float64(busy.Nanoseconds())/float64(b.N)/1000, "plan-cpu")
}

// cpuTime returns the CPU time of this process so far, its garbage collection included: on a machine that does other
// things as well it says more than the clock.
func cpuTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// end takes in that all runs of a plan have ended, and what that moves.
func (f *field) end(plan Output) {
	f.accept(plan, -1)
	f.cluster.settle()
}

// accept takes in that a plan was accepted or, with -1, that all of its runs have ended.
func (f *field) accept(plan Output, sign int64) {
	for i := range plan.Placements {
		p := &plan.Placements[i]
		f.hold(p.Driver, sign)
		for _, s := range p.Shares {
			f.hold(s.Node, sign*int64(s.Count))
		}
		f.cluster.RemoveAsk(p.Run)
	}
}

// hold takes in that so many slots more are on a node.
func (f *field) hold(node string, count int64) {
	i, err := strconv.Atoi(node[1:])
	if err != nil {
		panic(err)
	}
	n := &f.nodes[i]
	n.Free = n.Free.Sub(f.size.Times(count))
	n.Held += count
	f.cluster.SetNode(*n)
}

func countWorkers(out Output) (count int) {
	for _, p := range out.Placements {
		count += 1 + len(p.Slots)
		for _, s := range p.Shares {
			count += int(s.Count)
		}
	}
	return count
}
