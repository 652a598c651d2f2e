package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/headrace/headrace/internal/devcluster"
	"github.com/headrace/headrace/internal/every"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
)

// How many runs are compared. Those of one kind of cluster and of the other take turns, so that a machine that becomes
// slower is slower for both.
const (
	isolationRuns  = 100
	isolationSpark = 5
	// isolationPause lets what is left of a run go before the next one: removing a sandbox is work, too, but nobody waits
	// for it.
	isolationPause = 300 * time.Millisecond
)

// isolationSides are the clusters that are compared, by the flag that makes them so.
var isolationSides = []string{"sandbox", "none"}

// measureIsolation measures what a sandbox for every worker costs: the same runs on two clusters of this machine, one
// of which has none.
func measureIsolation(ctx context.Context, to *figures, headrace string) error {
	return devcluster.On(ctx, headrace, func(ctx context.Context, first *devcluster.Cluster) error {
		isolated, err := isolates(ctx, first)
		if err != nil {
			return err
		}
		if !isolated {
			fmt.Fprintln(os.Stderr, "  left out: this machine cannot isolate workers; headrace dev --isolation sandbox says why")
			return nil
		}
		return devcluster.On(ctx, headrace, func(ctx context.Context, second *devcluster.Cluster) error {
			both := []*devCluster{{Cluster: first}, {Cluster: second}}
			return errors.Join(compareProcess(ctx, to, both), compareSpark(ctx, to, both))
		}, "--isolation", "none")
	})
}

// isolates says whether all nodes of a cluster do.
func isolates(ctx context.Context, c *devcluster.Cluster) (bool, error) {
	status, err := controlv1.NewClusterServiceClient(c.Conn).GetClusterStatus(ctx, &controlv1.GetClusterStatusRequest{})
	return err == nil && status.GetNodesNotIsolated() == 0, err
}

// compareProcess compares how soon processes run.
func compareProcess(ctx context.Context, to *figures, both []*devCluster) error {
	var took [2]phaseTimes
	var submit [2]*submitter
	for i, c := range both {
		leader, _, err := c.roles(ctx)
		if err != nil {
			return err
		}
		if submit[i], err = newSubmitter(ctx, leader); err != nil {
			return err
		}
		defer func() { _ = submit[i].close() }()
	}
	for n := range warmRuns + isolationRuns {
		if n == warmRuns {
			took = [2]phaseTimes{}
		}
		for i := range both {
			if err := submit[i].run(ctx, &took[i]); err != nil {
				return err
			}
			if !every.Pause(ctx, isolationPause) {
				return ctx.Err()
			}
		}
	}
	conditions := fmt.Sprintf("%d runs of `sleep 0.2`, submitted to and watched at the leader, each %s after the end of "+
		"the one before, in turn with those of the other cluster; both of three servers and six agents as processes, "+
		"fsync on", isolationRuns, isolationPause)
	for i, side := range isolationSides {
		to.add("isolation.process.submit_to_running."+side+".p50", quantile(took[i].running, 0.5), "ms", conditions)
		to.add("isolation.process.submit_to_running."+side+".p99", quantile(took[i].running, 0.99), "ms", conditions)
	}
	return nil
}

// compareSpark compares how soon warm runs of Spark have a result.
func compareSpark(ctx context.Context, to *figures, both []*devCluster) error {
	program, err := filepath.Abs("examples/bench/query.py")
	if err != nil {
		return err
	}
	var warm [2]string
	for i, c := range both {
		if warm[i], err = c.startPool(ctx); err != nil {
			return err
		}
	}
	var took [2][]time.Duration
	for range isolationSpark {
		for i, c := range both {
			if err := c.waitWaiting(ctx); err != nil {
				return err
			}
			c.used += 2
			t, err := c.sparkRun(ctx, warm[i], program)
			if err != nil {
				return err
			}
			fmt.Fprintf(os.Stderr, "  %-10s first result after %.2f s\n", isolationSides[i], t["first_result"])
			took[i] = append(took[i], time.Duration(t["first_result"]*float64(time.Second)))
		}
	}
	conditions := fmt.Sprintf("%d warm runs of a PySpark query, in turn with those of the other cluster", isolationSpark)
	for i, side := range isolationSides {
		to.add("isolation.spark.warm.first_result."+side+".p50", quantile(took[i], 0.5)/1000, "s", conditions)
		to.add("isolation.spark.warm.first_result."+side+".fastest", quantile(took[i], 0)/1000, "s", conditions)
		to.add("isolation.spark.warm.first_result."+side+".slowest", quantile(took[i], 1)/1000, "s", conditions)
	}
	to.ratio(
		"isolation.spark.warm.ratio",
		"isolation.spark.warm.first_result.sandbox.p50",
		"isolation.spark.warm.first_result.none.p50",
	)
	return nil
}

// startPool starts an application with a driver and an executor that wait.
func (c *devCluster) startPool(ctx context.Context) (id string, err error) {
	id, err = c.createSpark(ctx, "warm", inPool())
	if err != nil {
		return "", err
	}
	applications := controlv1.NewApplicationServiceClient(c.Conn)
	_, err = applications.StartApplication(ctx, &controlv1.StartApplicationRequest{ApplicationId: id})
	return id, err
}
