package server_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/grpcerr"
	"github.com/headrace/headrace/internal/simnode"
	"github.com/headrace/headrace/internal/testcluster"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// wantError holds that an error has a kind and a field, and that its message names everything that it is to name.
func wantError(t testing.TB, err error, kind errs.Kind, field string, names ...string) {
	t.Helper()
	err = grpcerr.FromStatus(err)
	var known *errs.Error
	if !errors.As(err, &known) || known.Kind != kind || known.Field != field {
		t.Errorf("got %v, want kind %s of field %q", err, kind, field)
		return
	}
	for _, name := range names {
		if !strings.Contains(known.Error(), name) {
			t.Errorf("%q does not name %q", known.Error(), name)
		}
	}
}

// processApplication creates an application of the PROCESS engine.
func processApplication(t testing.TB, c *testcluster.Client) string {
	t.Helper()
	return createApplication(t, c, processSpec("app"))
}

// processSpec is an application of the PROCESS engine.
func processSpec(name string) *specv1.Application {
	return specv1.Application_builder{Name: &name, Engine: new(specv1.Engine_ENGINE_PROCESS)}.Build()
}

func createApplication(t testing.TB, c *testcluster.Client, spec *specv1.Application) string {
	t.Helper()
	answer, err := c.CreateApplication(testcluster.Within(t), &createRequest{Spec: spec})
	must(t, err)
	return answer.GetApplication().GetApplicationId()
}

// small is what the driver and the tasks of tests hold.
func small() *specv1.ProcessSize {
	return specv1.ProcessSize_builder{
		MilliCpu:  new(int64(1000)),
		MemoryMib: new(int64(1024)),
		DiskMib:   new(int64(1024)),
	}.Build()
}

// processRun is a valid submission of a driver and some tasks.
func processRun(application string, tasks uint32) *runRequest {
	process := specv1.Process_builder{
		Command:    []string{"driver"},
		Tasks:      &tasks,
		DriverSize: small(),
		TaskSize:   small(),
	}.Build()
	return &runRequest{ApplicationId: application, Spec: specv1.JobRun_builder{
		Driver: specv1.JobDriver_builder{Process: process}.Build(),
	}.Build()}
}

// programOf returns the program of a submission of a PROCESS run.
func programOf(r *runRequest) *specv1.Process { return r.GetSpec().GetDriver().GetProcess() }

// retried has a submission tried so often.
func retried(r *runRequest, attempts uint32) *runRequest {
	r.GetSpec().SetRetryPolicy(specv1.RetryPolicy_builder{MaxAttempts: &attempts}.Build())
	return r
}

func startRun(t testing.TB, c *testcluster.Client, r *runRequest) string {
	t.Helper()
	answer, err := c.StartJobRun(testcluster.Within(t), r)
	must(t, err)
	return answer.GetJobRun().GetJobRunId()
}

// getRun reads a run, on whichever server answers.
func getRun(t testing.TB, cluster *testcluster.Cluster, application, run string) *controlv1.JobRun {
	t.Helper()
	ctx := testcluster.Within(t)
	var row *controlv1.JobRun
	must(t, cluster.Anywhere(ctx, func(c *testcluster.Client) error {
		r, err := c.GetJobRun(ctx, &controlv1.GetJobRunRequest{ApplicationId: application, JobRunId: run})
		row = r.GetJobRun()
		return err
	}))
	return row
}

// awaitRun waits until a run is in a state.
func awaitRun(t testing.TB, cluster *testcluster.Cluster, application, run, state string) *controlv1.JobRun {
	t.Helper()
	var row *controlv1.JobRun
	testcluster.Eventually(t, "run "+run+" to be "+state, func() bool {
		row = getRun(t, cluster, application, run)
		if over(row.GetState()) && row.GetState() != state {
			t.Fatalf("run %s is %s, not %s: %s", run, row.GetState(), state, row.GetStateDetails())
		}
		return row.GetState() == state
	})
	return row
}

func over(state string) bool {
	return slices.Contains([]string{"SUCCESS", "FAILED", "CANCELLED"}, state)
}

// workersOf lists all workers of a run.
func workersOf(t testing.TB, cluster *testcluster.Cluster, application, run string) []*controlv1.Worker {
	t.Helper()
	ctx := testcluster.Within(t)
	var rows []*controlv1.Worker
	must(t, cluster.Anywhere(ctx, func(c *testcluster.Client) error {
		r, err := c.ListWorkers(ctx, &controlv1.ListWorkersRequest{ApplicationId: application, JobRunId: run})
		rows = r.GetWorkers()
		return err
	}))
	return rows
}

func attemptsOf(t testing.TB, cluster *testcluster.Cluster, application, run string) []*controlv1.Attempt {
	t.Helper()
	ctx := testcluster.Within(t)
	var rows []*controlv1.Attempt
	must(t, cluster.Anywhere(ctx, func(c *testcluster.Client) error {
		r, err := c.ListJobRunAttempts(ctx, &controlv1.ListJobRunAttemptsRequest{
			ApplicationId: application,
			JobRunId:      run,
		})
		rows = r.GetAttempts()
		return err
	}))
	return rows
}

// noFaults holds that no worker was started twice, and no two drivers of a run lived at once.
func noFaults(t testing.TB, cluster *testcluster.Cluster) {
	t.Helper()
	for _, fault := range cluster.Ledger.Faults() {
		t.Error(fault)
	}
}

// always has every worker run the same program.
func always(p simnode.Program) simnode.Script {
	return func(*agentv1.AssignedWorker) simnode.Program { return p }
}

// explain waits until a run waits for what is named, and returns why.
func explain(
	t testing.TB,
	cluster *testcluster.Cluster,
	application, run, waitsFor string,
) *controlv1.ExplainJobRunResponse {
	t.Helper()
	ctx := testcluster.Within(t)
	var answer *controlv1.ExplainJobRunResponse
	testcluster.Eventually(t, "run "+run+" to wait for "+waitsFor, func() bool {
		must(t, cluster.Anywhere(ctx, func(c *testcluster.Client) (err error) {
			answer, err = c.ExplainJobRun(ctx, &controlv1.ExplainJobRunRequest{
				ApplicationId: application,
				JobRunId:      run,
			})
			return err
		}))
		return answer.GetWaitsFor() == waitsFor
	})
	return answer
}

// pointer returns a pointer, for optional fields.
func pointer[T any](v T) *T { return &v }

// The messages that tests name most.
type (
	createRequest = controlv1.CreateApplicationRequest
	runRequest    = controlv1.StartJobRunRequest
	watchRequest  = controlv1.WatchEventsRequest
	watchedEvent  = controlv1.WatchEventsResponse
)
