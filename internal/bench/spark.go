package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/headrace/headrace/agent/release"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
)

// sparkRounds is how often each of the four runs, in turn; the fastest counts.
const sparkRounds = 3

const sparkConditions = "a PySpark query, driver and one executor of 2 vCPU and 1 GB heap each, on one machine; " +
	"the fastest of 3 rounds, all in turn; " +
	"ours with its defaults: authentication, encryption, event log, a session that waits for its executor; " +
	"cold without pre-initialised capacity, warm in it; standalone is Spark's own cluster, already up; local is local[1]"

// who are the columns of the time lines, in order.
var who = []string{"cold", "warm", "standalone", "local"}

// sparkSettings are the sizes; Spark's own cluster is given the same.
var sparkSettings = map[string]string{
	"spark.dynamicAllocation.enabled": "false",
	"spark.executor.instances":        "1",
	"spark.driver.cores":              "2",
	"spark.driver.memory":             "1g",
	"spark.executor.cores":            "2",
	"spark.executor.memory":           "1g",
}

// sparkBench is what the turns are measured with.
type sparkBench struct {
	cluster    *devCluster
	peers      *standalone
	program    string
	cold, warm string // applications
	best       map[string]timeline
}

func measureSpark(ctx context.Context, to *figures, headrace string) error {
	cache, err := release.DefaultCache()
	if err != nil {
		return err
	}
	spark, err := release.Find([]string{cache}, "emr-7.2.0")
	if err != nil {
		return err
	}
	b := &sparkBench{best: map[string]timeline{}}
	if b.program, err = filepath.Abs("examples/bench/query.py"); err != nil {
		return err
	}
	err = onCluster(ctx, headrace, func(ctx context.Context, c *devCluster) error {
		b.cluster = c
		if b.peers, err = startStandalone(ctx, spark); err != nil {
			return err
		}
		defer b.peers.stop()
		return b.measure(ctx, to)
	})
	if err != nil {
		return err
	}
	b.tell(to)
	return nil
}

// measure runs the four in turn, so that a machine that becomes slower is slower for all of them, then warm runs in a
// row.
func (b *sparkBench) measure(ctx context.Context, to *figures) (err error) {
	if err := b.cluster.waitClassData(ctx); err != nil {
		return err
	}
	if b.cold, err = b.cluster.createSpark(ctx, "cold", nil); err != nil {
		return err
	}
	if b.warm, err = b.cluster.createSpark(ctx, "warm", inPool()); err != nil {
		return err
	}
	if err := b.startWarm(ctx, to); err != nil {
		return err
	}
	for range sparkRounds {
		if err := b.round(ctx); err != nil {
			return err
		}
	}
	return b.row(ctx, to)
}

// startWarm starts the application whose processes wait, and notes what a rehearsal and a process that waits cost.
func (b *sparkBench) startWarm(ctx context.Context, to *figures) error {
	began := time.Now()
	if _, err := controlv1.NewApplicationServiceClient(b.cluster.Conn).StartApplication(ctx,
		&controlv1.StartApplicationRequest{ApplicationId: b.warm}); err != nil {
		return err
	}
	if err := b.cluster.waitWaiting(ctx); err != nil {
		return err
	}
	to.add(
		"spark.warm.pool_ready",
		time.Since(began).Seconds(),
		"s",
		"a driver and an executor rehearsed, one after the other; "+sparkConditions,
	)
	for _, p := range waitingProcesses() {
		to.add(
			"spark.warm.idle_memory."+p.role,
			p.residentMiB,
			"MiB",
			"resident memory of a process that waits, heap of 1 GB, its Python beside it; "+sparkConditions,
		)
		to.add(
			"spark.warm.rehearsal_cpu."+p.role,
			p.cpuSeconds,
			"s",
			"CPU time from its start until it waits, its partner's included; "+sparkConditions,
		)
	}
	return nil
}

// round runs each of the four once.
func (b *sparkBench) round(ctx context.Context) error {
	for _, one := range who {
		t, err := b.once(ctx, one)
		if err != nil {
			return err
		}
		fmt.Fprintf(os.Stderr, "  %-10s first result after %.2f s\n", one, t["first_result"])
		if b.best[one] == nil || t["first_result"] < b.best[one]["first_result"] {
			b.best[one] = t
		}
	}
	return nil
}

func (b *sparkBench) once(ctx context.Context, one string) (timeline, error) {
	switch one {
	case "cold":
		return b.cluster.sparkRun(ctx, b.cold, b.program)
	case "warm":
		return b.warmRun(ctx)
	case "standalone":
		return b.peers.submit(ctx, b.peers.master, b.program)
	}
	return b.peers.submit(ctx, "local[1]", b.program)
}

// warmRun runs when processes wait again.
func (b *sparkBench) warmRun(ctx context.Context) (timeline, error) {
	if err := b.cluster.waitWaiting(ctx); err != nil {
		return nil, err
	}
	b.cluster.used += 2
	return b.cluster.sparkRun(ctx, b.warm, b.program)
}

// row measures warm runs in a row: do they keep their speed?
func (b *sparkBench) row(ctx context.Context, to *figures) error {
	var times []time.Duration
	for range *inRow {
		t, err := b.warmRun(ctx)
		if err != nil {
			return err
		}
		fmt.Fprintf(
			os.Stderr,
			"  warm in a row %d of %d: first result after %.2f s\n",
			len(times)+1,
			*inRow,
			t["first_result"],
		)
		times = append(times, time.Duration(t["first_result"]*float64(time.Second)))
	}
	if len(times) == 0 {
		return nil
	}
	conditions := fmt.Sprintf("%d warm runs in a row, each in processes of its own; %s", len(times), sparkConditions)
	to.add("spark.warm.in_row.first", times[0].Seconds(), "s", conditions)
	to.add("spark.warm.in_row.last", times[len(times)-1].Seconds(), "s", conditions)
	to.add("spark.warm.in_row.p50", quantile(times, 0.5)/1000, "s", conditions)
	to.add("spark.warm.in_row.slowest", quantile(times, 1)/1000, "s", conditions)
	return nil
}

// tell adds the figures, and prints the time lines side by side.
func (b *sparkBench) tell(to *figures) {
	for _, one := range who {
		for _, phase := range phases {
			if at, ok := b.best[one][phase]; ok && phase != "first_result" {
				to.add("spark."+phase+"."+one, at, "s", sparkConditions)
			}
		}
		to.add("spark.first_result."+one, b.best[one]["first_result"], "s", sparkConditions)
	}
	for _, ours := range []string{"cold", "warm"} {
		to.ratio("spark.ratio."+ours+"_to_standalone", "spark.first_result."+ours, "spark.first_result.standalone")
		to.ratio("spark.ratio."+ours+"_to_local", "spark.first_result."+ours, "spark.first_result.local")
	}
	printLines(os.Stdout, b.best)
}
