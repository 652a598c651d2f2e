package main

import (
	"context"
	"fmt"
	"time"

	"google.golang.org/grpc"

	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
)

// phaseTimes are what runs took from their submission until a watching client knew, phase by phase.
type phaseTimes struct {
	accepted, placed, running []time.Duration
}

// eventStream is a watch.
type eventStream interface {
	Recv() (*controlv1.WatchEventsResponse, error)
}

// add submits a run and waits for its end. The driver lives for a while, so that the record of its end does not carry
// the news of its beginning.
func (p *phaseTimes) add(
	ctx context.Context,
	conn *grpc.ClientConn,
	application string,
	watch eventStream,
	began time.Time,
) error {
	answer, err := controlv1.NewJobRunServiceClient(conn).StartJobRun(ctx, &controlv1.StartJobRunRequest{
		ApplicationId: application,
		Spec:          sleeping(),
	})
	if err != nil {
		return err
	}
	p.accepted = append(p.accepted, time.Since(began))
	return p.untilEnd(watch, answer.GetJobRun().GetJobRunId(), began)
}

// sleeping is a run that sleeps, and has no tasks.
func sleeping() *specv1.JobRun {
	process := specv1.Process_builder{
		Command: []string{"sleep", "0.2"},
		DriverSize: specv1.ProcessSize_builder{
			MilliCpu:  new(int64(100)),
			MemoryMib: new(int64(64)),
			DiskMib:   new(int64(1024)),
		}.Build(),
	}.Build()
	return specv1.JobRun_builder{Driver: specv1.JobDriver_builder{Process: process}.Build()}.Build()
}

func (p *phaseTimes) untilEnd(watch eventStream, run string, began time.Time) error {
	for {
		event, err := watch.Recv()
		if err != nil {
			return err
		}
		switch {
		case event.GetJobRunId() != run:
		case event.GetKind() == "AttemptScheduled":
			p.placed = append(p.placed, time.Since(began))
		case event.GetKind() == "AttemptRunning":
			p.running = append(p.running, time.Since(began))
		case event.GetKind() == "JobRunEnded" && event.GetState() != "SUCCESS":
			return fmt.Errorf("run %s ended %s", run, event.GetState())
		case event.GetKind() == "JobRunEnded":
			return nil
		}
	}
}
