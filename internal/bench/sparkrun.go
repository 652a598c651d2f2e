package main

import (
	"context"
	"time"

	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
)

// inPool returns one pre-initialised worker.
func inPool(kind string) *controlv1.InitialCapacity {
	return &controlv1.InitialCapacity{WorkerType: kind, WorkerCount: 1, WorkerSize: &controlv1.Resources{MilliCpu: 2000, MemoryMib: 4096, DiskMib: 20 << 10}}
}

// createSpark creates an application with the settings of all runs.
func (c *devCluster) createSpark(ctx context.Context, name string, pool []*controlv1.InitialCapacity) (id string, err error) {
	created, err := controlv1.NewApplicationServiceClient(c.Conn).CreateApplication(ctx, &controlv1.CreateApplicationRequest{
		Name: name, Engine: controlv1.Engine_ENGINE_SPARK, ReleaseLabel: "emr-7.2.0", InitialCapacity: pool,
		RuntimeConfiguration: []*controlv1.Configuration{{Classification: "spark-defaults", Properties: sparkSettings}}})
	return created.GetApplication().GetApplicationId(), err
}

// sparkRun runs the program on Headrace and returns its time line.
func (c *devCluster) sparkRun(ctx context.Context, application, program string) (timeline, error) {
	watch, err := controlv1.NewClusterServiceClient(c.Conn).WatchEvents(ctx, &controlv1.WatchEventsRequest{ApplicationId: application})
	if err != nil {
		return nil, err
	}
	if _, err := watch.Header(); err != nil {
		return nil, err
	}
	began := time.Now()
	run, err := controlv1.NewJobRunServiceClient(c.Conn).StartJobRun(ctx, &controlv1.StartJobRunRequest{ApplicationId: application,
		Driver: &controlv1.StartJobRunRequest_SparkSubmit{SparkSubmit: &controlv1.SparkSubmit{EntryPoint: "file://" + program}}})
	if err != nil {
		return nil, err
	}
	t := timeline{"accepted": time.Since(began).Seconds()}
	if err := t.watch(watch, began); err != nil {
		return nil, err
	}
	log, err := controlv1.NewJobRunServiceClient(c.Conn).ReadLog(ctx,
		&controlv1.ReadLogRequest{ApplicationId: application, JobRunId: run.GetJobRun().GetJobRunId(), Stream: "stdout"})
	if err != nil {
		return nil, err
	}
	return t, t.readLog(log.Recv, began)
}
