package scheduler

import (
	"fmt"
	"math/rand"
	"testing"

	"github.com/headrace/headrace/internal/resource"
)

// BenchmarkPlan makes plans of at most 1,000 workers for 250 runs with default sizes (driver and three workers of 4
// vCPU, 16 GB, 20 GB disk) of 50 applications, on a cluster in which every node is filled to a random degree. It
// includes the building of the indexes. At 100 nodes most runs find no room, so it shows the cost of a backlog too.
func BenchmarkPlan(b *testing.B) {
	for _, nodes := range []int{100, 1000, 5000} {
		b.Run(fmt.Sprintf("nodes=%d", nodes), func(b *testing.B) {
			in := benchInput(nodes, 250)
			placed := 0
			for b.Loop() {
				placed += countWorkers(Plan(in))
			}
			b.ReportMetric(float64(placed)/b.Elapsed().Seconds(), "placements/s")
			b.ReportMetric(float64(placed)/float64(b.N), "placements/plan")
		})
	}
}

// BenchmarkPlan_Backlog is a plan on 5,000 nodes with 10,000 runs waiting, of which it takes 250 and gives the rest a
// reason.
func BenchmarkPlan_Backlog(b *testing.B) {
	in := benchInput(5000, 10_000)
	for b.Loop() {
		Plan(in)
	}
}

// BenchmarkPlan_OneRun is what a lone run waits for its plan on 5,000 nodes: nearly all of it is the building of the
// indexes.
func BenchmarkPlan_OneRun(b *testing.B) {
	in := benchInput(5000, 1)
	for b.Loop() {
		Plan(in)
	}
}

// BenchmarkPlan_Pools is BenchmarkPlan when each of the 50 applications holds 99 of the 100 slots that it is to have,
// spread over the nodes, every other one free: a plan reserves those that are missing and gives the runs slots first.
func BenchmarkPlan_Pools(b *testing.B) {
	for _, nodes := range []int{100, 1000, 5000} {
		b.Run(fmt.Sprintf("nodes=%d", nodes), func(b *testing.B) {
			in := withPools(benchInput(nodes, 250))
			placed := 0
			for b.Loop() {
				placed += countWorkers(Plan(in))
			}
			b.ReportMetric(float64(placed)/float64(b.N), "placements/plan")
		})
	}
}

// withPools gives every application 10 drivers and 90 executors, but for one executor. What the slots hold of the nodes
// is part of what is not free there.
func withPools(in Input) Input {
	for i := range in.Waiting {
		in.Waiting[i].DriverRole = driverRole
		in.Waiting[i].WorkerRole = workerRole
	}
	size := in.Waiting[0].Worker
	needs := in.Waiting[0].Needs
	for i := range in.Applications {
		a := &in.Applications[i]
		a.Pools = []Pool{{
			Role:  driverRole,
			Size:  size,
			Count: 10,
			Needs: needs,
		}, {
			Role:  workerRole,
			Size:  size,
			Count: 90,
			Needs: needs,
		}}
		a.Used = size.Times(99)
		for k := range 99 {
			slot := Slot{
				ID:          fmt.Sprintf("slot-%d-%02d", i, k),
				Application: a.ID,
				Node:        in.Nodes[(i*99+k)%len(in.Nodes)].ID,
				Role:        workerRole,
				Size:        size,
				Free:        k%2 == 0,
			}
			if k < 10 {
				slot.Role = driverRole
			}
			in.Slots = append(in.Slots, slot)
		}
	}
	return in
}

func benchInput(nodes, runs int) Input {
	r := rand.New(rand.NewSource(1))
	in := Input{MaxWorkers: 1000}
	capacity := resource.Vector{MilliCPU: 32_000, MemoryMiB: 128 << 10, DiskMiB: 800 << 10}
	size := resource.Size{
		Vector: resource.Vector{MilliCPU: 4000, MemoryMiB: 16 << 10, DiskMiB: 20 << 10},
		Disk:   resource.DiskStandard,
	}
	for i := range nodes {
		in.Nodes = append(in.Nodes, Node{
			ID: fmt.Sprintf("n%04d", i), Zone: fmt.Sprint("zone-", i%3), Capacity: capacity,
			Free: capacity.Sub(size.Times(int64(r.Intn(9)))), Releases: map[string]bool{"emr-7.2.0": true},
		})
	}
	for i := range 50 {
		in.Applications = append(in.Applications, Application{ID: fmt.Sprint("app-", i), Weight: 1})
	}
	for i := range runs {
		in.Waiting = append(in.Waiting, Request{
			Run:         fmt.Sprintf("run-%05d", i),
			Application: fmt.Sprint("app-", i%50),
			Attempt:     1,
			Submitted:   int64(i),
			Driver:      size,
			Worker:      size,
			Initial:     3,
			Needs:       Needs{Release: "emr-7.2.0"},
		})
	}
	return in
}

func countWorkers(out Output) (count int) {
	for _, r := range out.Reservations {
		for _, s := range r.Shares {
			count += int(s.Count)
		}
	}
	for _, p := range out.Placements {
		count += 1 + len(p.Slots)
		for _, s := range p.Shares {
			count += int(s.Count)
		}
	}
	return count
}
