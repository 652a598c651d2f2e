package main

import (
	"context"
	"fmt"
	"time"

	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
)

// processRuns is how many runs are submitted, one after another, after a few to warm up.
const (
	processRuns = 100
	warmRuns    = 10
)

func measureProcess(ctx context.Context, to *figures, headrace string) error {
	return onCluster(ctx, headrace, func(ctx context.Context, c *devCluster) error {
		took, err := c.processRuns(ctx)
		if err != nil {
			return err
		}
		conditions := fmt.Sprintf("%d runs one after another, three servers and six agents as processes, fsync on", processRuns)
		to.add("process.submit_to_running.p50", quantile(took, 0.5), "ms", conditions)
		to.add("process.submit_to_running.p99", quantile(took, 0.99), "ms", conditions)
		return nil
	})
}

// processRuns submits runs and returns how long each took from the call to its driver's RUNNING, as a watching client sees it.
func (c *devCluster) processRuns(ctx context.Context) ([]time.Duration, error) {
	application, err := controlv1.NewApplicationServiceClient(c.conn).CreateApplication(ctx,
		&controlv1.CreateApplicationRequest{Name: "bench", Engine: controlv1.Engine_ENGINE_PROCESS})
	if err != nil {
		return nil, err
	}
	id := application.GetApplication().GetApplicationId()
	watch, err := controlv1.NewClusterServiceClient(c.conn).WatchEvents(ctx, &controlv1.WatchEventsRequest{ApplicationId: id})
	if err != nil {
		return nil, err
	}
	if _, err := watch.Header(); err != nil { // now it watches
		return nil, err
	}
	var took []time.Duration
	for n := range warmRuns + processRuns {
		began := time.Now()
		run, err := c.submit(ctx, id)
		if err != nil {
			return nil, err
		}
		running, err := untilEnd(watch, run)
		if err != nil {
			return nil, err
		}
		if n >= warmRuns {
			took = append(took, running.Sub(began))
		}
	}
	return took, nil
}

func (c *devCluster) submit(ctx context.Context, application string) (string, error) {
	size := &controlv1.Resources{MilliCpu: 100, MemoryMib: 64, DiskMib: 1024}
	answer, err := controlv1.NewJobRunServiceClient(c.conn).StartJobRun(ctx, &controlv1.StartJobRunRequest{ApplicationId: application,
		Driver: &controlv1.StartJobRunRequest_Process{Process: &controlv1.Process{Command: []string{"true"}, DriverSize: size}}})
	return answer.GetJobRun().GetJobRunId(), err
}

// eventStream is a watch.
type eventStream interface {
	Recv() (*controlv1.WatchEventsResponse, error)
}

// untilEnd reads until a run has ended, and returns when it ran.
func untilEnd(watch eventStream, run string) (running time.Time, err error) {
	for {
		event, err := watch.Recv()
		if err != nil {
			return running, err
		}
		switch {
		case event.GetJobRunId() != run:
		case event.GetKind() == "AttemptRunning":
			running = time.Now()
		case event.GetKind() == "JobRunEnded" && event.GetState() != "SUCCESS":
			return running, fmt.Errorf("run %s ended %s", run, event.GetState())
		case event.GetKind() == "JobRunEnded":
			return running, nil
		}
	}
}
