package command_test

import (
	"strings"
	"testing"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/server/command"
)

func TestStartJobRun_RefusesWhatCanNeverRun(t *testing.T) {
	w := newWorld(t)
	w.given(w.create("small", func(a *state.Application) { a.AutoStart, a.Limit = true, gib(3, 0, 0) }))
	inSmall := func(c *command.StartJobRun) { c.ApplicationID = "small" }
	spark := func(c *command.StartJobRun) {
		c.Submission.Process, c.Submission.Spark = nil, &state.SparkSubmit{EntryPoint: "file:///x.py"}
	}
	for _, c := range []struct {
		run  *command.StartJobRun
		kind errs.Kind
		said string
	}{
		{submit("r", 3, inSmall), errs.TooLarge, "driver and 3 workers need 4 vCPU, 8 GB, 80 GB disk, and the maximum capacity of application small is 3 vCPU"},
		{submit("r", 0, spark), errs.Invalid, "is of engine PROCESS and cannot run a SPARK driver"},
		{submit("r", 0, func(c *command.StartJobRun) { c.Submission.Process.Command = []string{strings.Repeat("x", 256<<10)} }), errs.Invalid, "the most is 262144"},
		{submit("r", 0, func(c *command.StartJobRun) { c.ApplicationID = "none" }), errs.NotFound, `"none"`},
	} {
		w.refuses(c.run, c.kind, c.said)
	}
}

// What fits in the limit is taken, though there is no room for it now: it waits.
func TestStartJobRun_TakesWhatOnlyHasToWait(t *testing.T) {
	w := newWorld(t)
	w.given(w.create("small", func(a *state.Application) { a.AutoStart, a.Limit = true, gib(3, 0, 0) }))
	w.given(submit("first", 2, func(c *command.StartJobRun) { c.ApplicationID = "small" }))
	w.again("first")
	w.given(submit("second", 2, func(c *command.StartJobRun) { c.ApplicationID = "small" }))
	w.wantRun("second", state.RunPending, "")
	w.given(submit("huge", 500))
	w.wantRun("huge", state.RunPending, "")
}

func TestStartJobRun_TakesASubmissionJustBelowTheBound(t *testing.T) {
	w := newWorld(t)
	w.given(submit("r", 0, func(c *command.StartJobRun) { c.Submission.Process.Command = []string{strings.Repeat("x", 255<<10)} }))
}

func TestStartJobRun_ResolvesTheShapeOfASparkRun(t *testing.T) {
	w := newWorld(t)
	w.given(w.create("spark", func(a *state.Application) {
		a.AutoStart, a.Engine, a.Release = true, state.EngineSpark, "emr-7.2.0"
		a.Configuration = []state.Configuration{{Classification: "spark-defaults", Properties: map[string]string{"spark.executor.cores": "2", "spark.executor.memory": "4g"}}}
	}))
	w.given(submit("r", 0, func(c *command.StartJobRun) {
		c.ApplicationID = "spark"
		c.Submission.Process, c.Submission.Spark = nil, &state.SparkSubmit{EntryPoint: "file:///x.py", Parameters: "--conf spark.executor.instances=5"}
	}))
	shape := w.view.JobRun("r").Shape
	if shape.Driver != state.TypeDriver || shape.Worker != state.TypeExecutor || shape.Initial != 5 || shape.WorkerSize.MilliCPU != 2000 || shape.DriverSize.MilliCPU != 4000 {
		t.Errorf("the shape is %+v", shape)
	}
	w.refuses(submit("bad", 0, func(c *command.StartJobRun) {
		c.ApplicationID = "spark"
		c.Submission.Process, c.Submission.Spark = nil, &state.SparkSubmit{EntryPoint: "file:///x.py", Parameters: "--conf"}
	}), errs.Invalid, "")
}

func TestCancelJobRun_InEveryState(t *testing.T) {
	w := newWorld(t)
	cancel := func(run string) *command.CancelJobRun {
		return &command.CancelJobRun{ApplicationID: "app", JobRunID: run, By: "bob"}
	}
	w.given(submit("pending", 0), submit("scheduled", 0), place("scheduled", 1, "n1"))
	w.runs("running", 1)
	w.runs("done", 0)
	w.given(exited(w.worker("done", 0), well))
	w.then(cancel("pending"), "JobRunCancelRequested", "AttemptEnded", "JobRunEnded")
	w.then(cancel("scheduled"), "JobRunCancelRequested", "AttemptEnded")
	w.then(cancel("running"), "JobRunCancelRequested", "AttemptEnded")
	w.then(cancel("running"))
	w.then(cancel("done"))
	w.then(running(w.worker("running", 1)))
	w.then(exited(w.worker("running", 0), well), "WorkerEnded")
	w.wantRun("running", state.RunCancelling, "cancelled by bob")
	w.then(exited(w.worker("running", 1), stopped), "WorkerEnded", "JobRunEnded")
	w.wantRun("running", state.RunCancelled, "cancelled by bob")
	w.refuses(cancel("none"), errs.NotFound, `"none"`)
	w.refuses(&command.CancelJobRun{ApplicationID: "other", JobRunID: "done"}, errs.NotFound, `in application "other"`)
}

// A release can do what it could when it was new; a release of the cluster's own can do everything, and PROCESS has none.
func TestStartJobRun_AsksOfTheReleaseOnlyWhatItCan(t *testing.T) {
	streaming := func(s *state.Submission) { s.Streaming, s.MaxAttempts, s.MaxFailures = true, 0, 5 }
	retries := func(s *state.Submission) { s.MaxAttempts = 2 }
	for _, c := range []struct {
		release string
		ask     func(*state.Submission)
		said    string // empty: accepted
	}{
		{"emr-7.1.0", streaming, ""},
		{"emr-7.0.0", streaming, "mode: release emr-7.0.0 cannot run STREAMING: it needs emr-7.1.0 or newer"},
		{"emr-7.1.0", retries, ""},
		{"emr-6.15.0", retries, "retry_policy.max_attempts: release emr-6.15.0 cannot retry: more than one attempt needs emr-7.1.0 or newer"},
		{"emr-6.15.0", func(s *state.Submission) { s.MaxFailures = 3 }, "retry_policy.max_failed_attempts_per_hour: release emr-6.15.0 cannot retry"},
		{"emr-6.15.0", func(*state.Submission) {}, ""},
		{"own", streaming, ""},
		{"own", retries, ""},
	} {
		w := newWorld(t)
		w.given(&command.AddRelease{Release: state.Release{Label: "own", Engine: state.EngineSpark, Digest: []byte{1}}})
		w.given(w.create("spark", func(a *state.Application) { a.AutoStart, a.Engine, a.Release = true, state.EngineSpark, c.release }))
		run := submit("r", 0, func(r *command.StartJobRun) {
			r.ApplicationID, r.Submission.Process, r.Submission.Spark = "spark", nil, &state.SparkSubmit{EntryPoint: "file:///x.py"}
			c.ask(r.Submission)
		})
		if c.said != "" {
			w.refuses(run, errs.Invalid, c.said)
		} else {
			w.given(run)
		}
	}
	newWorld(t).given(submit("r", 0, func(c *command.StartJobRun) { streaming(c.Submission) }))
}

// A Hive application can be there before there is an engine for it; its runs are refused, and other faults are told first.
func TestStartJobRun_OnHiveIsRefusedLast(t *testing.T) {
	w := newWorld(t)
	w.given(w.create("hive", func(a *state.Application) { a.AutoStart, a.Engine, a.Release = true, state.EngineHive, "emr-7.2.0" }))
	hive := func(change func(*state.Submission)) *command.StartJobRun {
		return submit("r", 0, func(c *command.StartJobRun) {
			c.ApplicationID, c.Submission.Process = "hive", nil
			c.Submission.Hive = &state.Hive{Query: "s3://b/q.sql", Parameters: "--hiveconf hive.exec.scratchdir=s3://b/s --hiveconf hive.metastore.warehouse.dir=s3://b/w"}
			change(c.Submission)
		})
	}
	w.refuses(hive(func(s *state.Submission) { s.Streaming = true }), errs.Invalid, "mode: a HIVE run cannot be STREAMING")
	w.refuses(hive(func(*state.Submission) {}), errs.Invalid, "this cluster has no Hive engine yet")
	w.refuses(submit("r", 0, func(c *command.StartJobRun) { c.ApplicationID = "hive" }), errs.Invalid, "is of engine HIVE and cannot run a PROCESS driver")
}

// What was read before the door is used there, unless the application's settings have changed meanwhile.
func TestStartJobRun_IsReadBeforeTheDoorAndAgainAfterAChange(t *testing.T) {
	cores := func(n string) []state.Configuration {
		return []state.Configuration{{Classification: "spark-defaults", Properties: map[string]string{"spark.executor.cores": n, "spark.executor.memory": "4g"}}}
	}
	w := newWorld(t)
	w.given(w.create("spark", func(a *state.Application) {
		a.AutoStart, a.Engine, a.Release, a.Configuration = true, state.EngineSpark, "emr-7.2.0", cores("2")
	}))
	spark := func(parameters string) *command.StartJobRun {
		c := submit("r", 0, func(c *command.StartJobRun) {
			c.ApplicationID = "spark"
			c.Submission.Process, c.Submission.Spark = nil, &state.SparkSubmit{EntryPoint: "file:///x.py", Parameters: parameters}
		})
		c.Resolve(w.view.Application("spark"))
		return c
	}
	used, broken := spark(""), spark("--no-such-option")
	used.Submission.Spark.Parameters = "not read again"
	w.given(used)
	if cpu := w.view.JobRun("r").Shape.WorkerSize.MilliCPU; cpu != 2000 {
		t.Errorf("executors have %d", cpu)
	}
	w.refuses(broken, errs.Invalid, "unknown option --no-such-option")
	w = newWorld(t)
	w.given(w.create("spark", func(a *state.Application) {
		a.AutoStart, a.Engine, a.Release, a.Configuration = true, state.EngineSpark, "emr-7.2.0", cores("2")
	}))
	late := spark("")
	w.given(&command.UpdateApplication{ApplicationID: "spark", Change: func(a *state.Application) error {
		a.Configuration = cores("4")
		return nil
	}}, late)
	if cpu := w.view.JobRun("r").Shape.WorkerSize.MilliCPU; cpu != 4000 {
		t.Errorf("after the change executors have %d", cpu)
	}
}
