package main

import (
	"context"
	"time"

	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
)

// inPool returns a pre-initialised driver and a pre-initialised executor.
func inPool() map[string]*specv1.InitialCapacity {
	size := specv1.WorkerSize_builder{
		MilliCpu:  new(int64(2000)),
		MemoryMib: new(int64(4096)),
		DiskMib:   new(int64(20 << 10)),
	}.Build()
	one := specv1.InitialCapacity_builder{WorkerCount: new(int64(1)), WorkerSize: size}.Build()
	return map[string]*specv1.InitialCapacity{"Driver": one, "Executor": one}
}

// createSpark creates an application with the settings of all runs.
func (c *devCluster) createSpark(ctx context.Context, name string,
	pool map[string]*specv1.InitialCapacity,
) (id string, err error) {
	spec := specv1.Application_builder{
		Name:            &name,
		Engine:          new(specv1.Engine_ENGINE_SPARK),
		ReleaseLabel:    new("emr-7.2.0"),
		InitialCapacity: pool,
		RuntimeConfiguration: []*specv1.Configuration{specv1.Configuration_builder{
			Classification: new("spark-defaults"),
			Properties:     sparkSettings,
		}.Build()},
	}.Build()
	created, err := controlv1.NewApplicationServiceClient(c.Conn).CreateApplication(ctx,
		&controlv1.CreateApplicationRequest{Spec: spec})
	return created.GetApplication().GetApplicationId(), err
}

// sparkRun runs the program on Headrace and returns its time line.
func (c *devCluster) sparkRun(ctx context.Context, application, program string) (timeline, error) {
	cluster := controlv1.NewClusterServiceClient(c.Conn)
	watch, err := cluster.WatchEvents(ctx, &controlv1.WatchEventsRequest{ApplicationId: application})
	if err != nil {
		return nil, err
	}
	if _, err := watch.Header(); err != nil {
		return nil, err
	}
	began := time.Now()
	run, err := controlv1.NewJobRunServiceClient(c.Conn).StartJobRun(ctx, &controlv1.StartJobRunRequest{
		ApplicationId: application,
		Spec: specv1.JobRun_builder{Driver: specv1.JobDriver_builder{
			SparkSubmit: specv1.SparkSubmit_builder{EntryPoint: new("file://" + program)}.Build(),
		}.Build()}.Build(),
	})
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
