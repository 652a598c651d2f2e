package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/headrace/headrace/internal/releases"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
)

// How long an application may take to start, with its rehearsals one after the other, which are tried again on a
// machine that is too busy for them; and a run to end.
const (
	startTime = 15 * time.Minute
	runTime   = 5 * time.Minute
)

// settings let a job begin with one executor and grow to two.
var settings = map[string]string{
	"spark.driver.cores":                       "1",
	"spark.driver.memory":                      "1g",
	"spark.executor.cores":                     "1",
	"spark.executor.memory":                    "1g",
	"spark.dynamicAllocation.enabled":          "true",
	"spark.dynamicAllocation.minExecutors":     "1",
	"spark.dynamicAllocation.initialExecutors": "1",
	"spark.dynamicAllocation.maxExecutors":     fmt.Sprint(executors),
	"spark.sql.shuffle.partitions":             "2",
}

// took is how long a run took, from its submission.
type took struct{ firstResult, all time.Duration }

// run runs a job in an application of its own, and checks what it did.
func (t *test) run(
	ctx context.Context,
	r releases.Release,
	job *specv1.SparkSubmit,
	warm bool,
) (spent took, err error) {
	applications := controlv1.NewApplicationServiceClient(t.cluster.Conn)
	spec := application(r, warm)
	warmed := t.cluster.Warmed() + len(spec.GetInitialCapacity())
	created, err := applications.CreateApplication(ctx, &controlv1.CreateApplicationRequest{Spec: spec})
	if err != nil {
		return took{}, err
	}
	id := created.GetApplication().GetApplicationId()
	start := &controlv1.StartApplicationRequest{ApplicationId: id}
	if _, err := applications.StartApplication(ctx, start); err != nil {
		return took{}, err
	}
	defer func() {
		_, stopped := applications.StopApplication(ctx, &controlv1.StopApplicationRequest{
			ApplicationId: id,
			Force:         true,
		})
		err = errors.Join(err, stopped)
	}()
	if err := t.started(ctx, applications, id, warmed); err != nil {
		return took{}, err
	}
	return t.submit(ctx, id, job, warm)
}

// application is one of a release, with the settings of all jobs; warm: with a pre-initialised worker of each kind.
func application(r releases.Release, warm bool) *specv1.Application {
	spec := specv1.Application_builder{
		Name:         new("releasetest"),
		Engine:       new(specv1.Engine_ENGINE_SPARK),
		ReleaseLabel: new(r.Label),
		RuntimeConfiguration: []*specv1.Configuration{specv1.Configuration_builder{
			Classification: new("spark-defaults"),
			Properties:     settings,
		}.Build()},
	}.Build()
	if warm {
		spec.SetInitialCapacity(map[string]*specv1.InitialCapacity{"Driver": one(), "Executor": one()})
	}
	return spec
}

// one is a pre-initialised worker.
func one() *specv1.InitialCapacity {
	size := specv1.WorkerSize_builder{
		MilliCpu:  new(int64(1000)),
		MemoryMib: new(int64(2048)),
		DiskMib:   new(int64(20 << 10)),
	}.Build()
	return specv1.InitialCapacity_builder{WorkerCount: new(int64(1)), WorkerSize: size}.Build()
}

// started returns when an application has started, and so many processes in all have begun to wait in slots.
func (t *test) started(
	ctx context.Context,
	applications controlv1.ApplicationServiceClient,
	id string,
	warmed int,
) error {
	return until(ctx, startTime, func() (bool, error) {
		got, err := applications.GetApplication(ctx, &controlv1.GetApplicationRequest{ApplicationId: id})
		return got.GetApplication().GetState() == "STARTED" && t.cluster.Warmed() >= warmed, err
	})
}

// submit runs a job in an application to its end, and checks what it did.
func (t *test) submit(ctx context.Context, application string, job *specv1.SparkSubmit, warm bool) (took, error) {
	runs := controlv1.NewJobRunServiceClient(t.cluster.Conn)
	began := time.Now()
	accepted, err := runs.StartJobRun(ctx, &controlv1.StartJobRunRequest{
		ApplicationId: application,
		Spec:          submission(job),
	})
	if err != nil {
		return took{}, err
	}
	run := accepted.GetJobRun()
	ended := succeeded(ctx, runs, run)
	all := time.Since(began)
	if ended != nil {
		_, said := readLog(ctx, runs, run, "stderr")
		return took{}, fmt.Errorf("%w\n%s", ended, said)
	}
	printed, _ := readLog(ctx, runs, run, "stdout")
	at, err := firstResult(printed)
	if err != nil {
		return took{}, err
	}
	spent := took{firstResult: at.Sub(began), all: all}
	return spent, checkWarm(ctx, runs, run, warm)
}

// submission is a run of a job that grows.
func submission(job *specv1.SparkSubmit) *specv1.JobRun {
	program := proto.CloneOf(job)
	program.SetEntryPointArguments([]string{fmt.Sprint(executors)})
	driver := specv1.JobDriver_builder{SparkSubmit: program}.Build()
	return specv1.JobRun_builder{Driver: driver}.Build()
}

// succeeded returns when a run has; an error says how it ended instead.
func succeeded(ctx context.Context, runs controlv1.JobRunServiceClient, run *controlv1.JobRun) error {
	which := &controlv1.GetJobRunRequest{ApplicationId: run.GetApplicationId(), JobRunId: run.GetJobRunId()}
	return until(ctx, runTime, func() (bool, error) {
		got, err := runs.GetJobRun(ctx, which)
		if err != nil {
			return false, err
		}
		switch state := got.GetJobRun().GetState(); state {
		case "SUCCESS":
			return true, nil
		case "FAILED", "CANCELLED":
			return false, fmt.Errorf("the run ended %s: %s", state, got.GetJobRun().GetStateDetails())
		}
		return false, nil
	})
}

// firstResult reads when the job had its first result, which it prints in seconds since 1970, and checks what else it
// printed.
func firstResult(printed string) (time.Time, error) {
	var seconds float64
	var groups, had int
	_, err := fmt.Sscanf(printed, "first_result %f %d\nexecutors %d", &seconds, &groups, &had)
	if err != nil || groups != 7 || had < executors {
		return time.Time{}, fmt.Errorf("the job printed %q: wanted 7 groups and %d executors", printed, executors)
	}
	return time.UnixMicro(int64(seconds * 1e6)), nil
}

// checkWarm fails if the driver and the first executor are not what they should be.
func checkWarm(ctx context.Context, runs controlv1.JobRunServiceClient, run *controlv1.JobRun, warm bool) error {
	listed, err := runs.ListWorkers(ctx, &controlv1.ListWorkersRequest{
		ApplicationId: run.GetApplicationId(),
		JobRunId:      run.GetJobRunId(),
	})
	if err != nil {
		return err
	}
	if len(listed.GetWorkers()) < 1+executors {
		return fmt.Errorf("the run had %d workers, wanted %d", len(listed.GetWorkers()), 1+executors)
	}
	for _, w := range listed.GetWorkers() {
		if want := warm && w.GetNumber() <= 1; w.GetWarm() != want {
			return fmt.Errorf(
				"%s %d is warm: %t, wanted %t; cold because %q",
				w.GetType(),
				w.GetNumber(),
				w.GetWarm(),
				want,
				w.GetColdReason(),
			)
		}
	}
	return nil
}

// readLog returns what a driver wrote, and the end of it.
func readLog(
	ctx context.Context,
	runs controlv1.JobRunServiceClient,
	run *controlv1.JobRun,
	stream string,
) (all, end string) {
	parts, err := runs.ReadLog(ctx, &controlv1.ReadLogRequest{
		ApplicationId: run.GetApplicationId(),
		JobRunId:      run.GetJobRunId(),
		Stream:        stream,
	})
	if err != nil {
		return "", err.Error()
	}
	var text strings.Builder
	for {
		part, err := parts.Recv()
		if err != nil {
			all = text.String()
			if !errors.Is(err, io.EOF) {
				return all, err.Error()
			}
			return all, all[max(0, len(all)-4000):]
		}
		text.Write(part.GetData())
	}
}

// until polls for a condition.
func until(ctx context.Context, within time.Duration, holds func() (bool, error)) error {
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	for {
		if done, err := holds(); done || err != nil {
			return err
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return fmt.Errorf("not in time, which is %s: %w", within, ctx.Err())
		}
	}
}
