package main

import (
	"context"
	"fmt"
	"strings"
)

// planned is a benchmark of the planner: its figures are those of its sizes.
type planned struct {
	benchmark, size string // as in BenchmarkWide/nodes=1000
	name            string // of the figures: plan.wide.1000
	metric, unit    string
	conditions      string
	sizes           []string
}

const kept = "decisions alone: runs are taken in, planned on a cluster that is kept, their placement is taken in; " +
	"nodes of 32 vCPU filled to a random degree, runs of 50 applications; "

var (
	rules      = []string{"nothing", "constraint", "preference", "zones", "nodes", "racks"}
	nodeCounts = []string{"1000", "5000", "10000", "50000"}
	plans      = []planned{
		{"Wide", "nodes", "wide", "workers", "1/s", kept + "one run of 1,000 workers a plan, 3 zones", nodeCounts},
		{"Single", "nodes", "single", "workers", "1/s", kept + "1,000 runs of one worker a plan, 3 zones", nodeCounts},
		{"Lone", "nodes", "lone", "plan", "µs", kept + "one run of a driver and three workers, 3 zones", nodeCounts},
		{
			"Zones", "zones", "zones", "workers", "1/s",
			kept + "1,000 runs of one worker a plan on 10,000 nodes, by zones",
			[]string{"1", "3", "30", "300"},
		},
		{
			"WideSaying", "rules", "wide.rules", "workers", "1/s",
			kept + "one run of 1,000 workers a plan on 10,000 nodes, by what it says of labels", rules,
		},
		{
			"SingleSaying", "rules", "single.rules", "workers", "1/s",
			kept + "1,000 runs of one worker a plan on 10,000 nodes, by what they say of labels", rules,
		},
		{
			"Backlog", "waiting", "backlog", "plan", "µs",
			kept + "one run of one worker on 10,000 nodes, by runs that wait and find no room",
			[]string{"0", "1000", "100000"},
		},
	}
)

// measureSchedule adds what the planner takes by the clock and, for a machine that does other things as well, by its
// own CPU time; and how much more it takes at the largest size than at the smallest.
func measureSchedule(ctx context.Context, to *figures, _ string) error {
	found, err := goBench(ctx, "./scheduler", "^Benchmark(Wide|Single|Lone|Zones|WideSaying|SingleSaying|Backlog)$", "1s")
	if err != nil {
		return err
	}
	for _, p := range plans {
		for _, size := range p.sizes {
			metrics, ok := metricsOf(found, fmt.Sprintf("Benchmark%s/%s=%s", p.benchmark, p.size, size))
			if !ok {
				return fmt.Errorf("the benchmarks did not report %s at %s %s", p.name, size, p.size)
			}
			name := fmt.Sprintf("plan.%s.%s", p.name, size)
			to.add(name, metrics[p.metric], p.unit, p.conditions)
			to.add(name+".cpu", metrics[p.metric+"-cpu"], p.unit, "by CPU time; "+p.conditions)
		}
		growth(to, p)
	}
	return nil
}

// growth adds how many times the time of the smallest size the largest one takes.
func growth(to *figures, p planned) {
	smallest := fmt.Sprintf("plan.%s.%s.cpu", p.name, p.sizes[0])
	largest := fmt.Sprintf("plan.%s.%s.cpu", p.name, p.sizes[len(p.sizes)-1])
	name := fmt.Sprintf("plan.%s.growth", p.name)
	if p.unit == "1/s" {
		to.ratio(name, smallest, largest)
	} else {
		to.ratio(name, largest, smallest)
	}
}

// metricsOf returns the metrics of a benchmark, whose name ends with the number of CPUs if that is not one.
func metricsOf(found map[string]map[string]float64, benchmark string) (map[string]float64, bool) {
	for name, metrics := range found {
		if name == benchmark || strings.HasPrefix(name, benchmark+"-") {
			return metrics, true
		}
	}
	return nil, false
}
