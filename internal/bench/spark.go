package main

import (
	"context"
	"fmt"
	"path/filepath"
	"time"

	"github.com/headrace/headrace/agent/release"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
)

// sparkRounds is how often each of the three runs, in turn; the fastest counts.
const sparkRounds = 2

const sparkConditions = "a PySpark query, driver and one executor of 2 vCPU and 1 GB heap each, on one machine, cold; " +
	"the fastest of 2 rounds; ours with its defaults: authentication, encryption, event log, a session that waits for its executor"

// sparkParameters are the sizes; Spark's own cluster is given the same.
const sparkParameters = "--conf spark.dynamicAllocation.enabled=false --num-executors 1 " +
	"--driver-cores 2 --driver-memory 1g --executor-cores 2 --executor-memory 1g"

func measureSpark(ctx context.Context, to *figures, headrace string) error {
	cache, err := release.DefaultCache()
	if err != nil {
		return err
	}
	spark, err := release.Find([]string{cache}, "emr-7.2.0")
	if err != nil {
		return err
	}
	program, err := filepath.Abs("examples/bench/query.py")
	if err != nil {
		return err
	}
	best := map[string]timeline{}
	keep := func(who string, t timeline) {
		if best[who] == nil || t["first_result"] < best[who]["first_result"] {
			best[who] = t
		}
	}
	if err := sparkTurns(ctx, headrace, spark, program, keep); err != nil {
		return err
	}
	for _, who := range []string{"headrace", "standalone", "local"} {
		for _, phase := range phases {
			if at, ok := best[who][phase]; ok {
				to.add(fmt.Sprintf("spark.cold.%s.%s", who, phase), at, "s", sparkConditions)
			}
		}
	}
	to.ratio("spark.cold.ratio_to_standalone", "spark.cold.headrace.first_result", "spark.cold.standalone.first_result")
	to.ratio("spark.cold.ratio_to_local", "spark.cold.headrace.first_result", "spark.cold.local.first_result")
	return nil
}

// sparkTurns runs the three in turn, so that a machine that becomes slower is slower for all of them.
func sparkTurns(ctx context.Context, headrace string, spark release.Release, program string, keep func(string, timeline)) error {
	return onCluster(ctx, headrace, func(ctx context.Context, c *devCluster) error {
		peers, err := startStandalone(ctx, spark)
		if err != nil {
			return err
		}
		defer peers.stop()
		for range sparkRounds {
			ours, err := c.sparkRun(ctx, program)
			if err != nil {
				return err
			}
			keep("headrace", ours)
			for _, peer := range []struct{ who, master string }{{"standalone", peers.master}, {"local", "local[1]"}} {
				t, err := peers.submit(ctx, peer.master, program)
				if err != nil {
					return err
				}
				keep(peer.who, t)
			}
		}
		return nil
	})
}

// sparkRun runs the program on Headrace and returns its time line.
func (c *devCluster) sparkRun(ctx context.Context, program string) (timeline, error) {
	application, err := controlv1.NewApplicationServiceClient(c.conn).CreateApplication(ctx,
		&controlv1.CreateApplicationRequest{Name: "bench", Engine: controlv1.Engine_ENGINE_SPARK, ReleaseLabel: "emr-7.2.0"})
	if err != nil {
		return nil, err
	}
	id := application.GetApplication().GetApplicationId()
	watch, err := controlv1.NewClusterServiceClient(c.conn).WatchEvents(ctx, &controlv1.WatchEventsRequest{ApplicationId: id})
	if err != nil {
		return nil, err
	}
	if _, err := watch.Header(); err != nil {
		return nil, err
	}
	began := time.Now()
	run, err := controlv1.NewJobRunServiceClient(c.conn).StartJobRun(ctx, &controlv1.StartJobRunRequest{ApplicationId: id,
		Driver: &controlv1.StartJobRunRequest_SparkSubmit{SparkSubmit: &controlv1.SparkSubmit{
			EntryPoint: "file://" + program, SparkSubmitParameters: sparkParameters}}})
	if err != nil {
		return nil, err
	}
	t := timeline{"accepted": time.Since(began).Seconds()}
	if err := t.watch(watch, began); err != nil {
		return nil, err
	}
	log, err := controlv1.NewJobRunServiceClient(c.conn).ReadLog(ctx,
		&controlv1.ReadLogRequest{ApplicationId: id, JobRunId: run.GetJobRun().GetJobRunId(), Stream: "stdout"})
	if err != nil {
		return nil, err
	}
	return t, t.readLog(log.Recv, began)
}
