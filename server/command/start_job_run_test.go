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
		return &command.CancelJobRun{ApplicationID: "app", JobRunID: run}
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
	w.wantRun("running", state.RunCancelling, "cancelled by its user")
	w.then(exited(w.worker("running", 1), stopped), "WorkerEnded", "JobRunEnded")
	w.wantRun("running", state.RunCancelled, "cancelled by its user")
	w.refuses(cancel("none"), errs.NotFound, `"none"`)
	w.refuses(&command.CancelJobRun{ApplicationID: "other", JobRunID: "done"}, errs.NotFound, `in application "other"`)
}
