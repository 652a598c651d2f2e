package command_test

import (
	"strings"
	"testing"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/errs"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
	"github.com/headrace/headrace/server/command"
)

// commanding gives a run a command of so many bytes.
func commanding(bytes int) func(*command.StartJobRun) {
	return func(c *command.StartJobRun) {
		c.Spec.GetDriver().GetProcess().SetCommand([]string{strings.Repeat("x", bytes)})
	}
}

func TestStartJobRun_RefusesWhatCanNeverRun(t *testing.T) {
	w := newWorld(t)
	w.given(create("small", auto, limited(3, 0, 0)))
	for _, c := range []struct {
		run  *command.StartJobRun
		kind errs.Kind
		said string
	}{
		{
			submit("r", 3, in("small")), errs.TooLarge,
			"driver and 3 workers need 4 vCPU, 8 GB, 80 GB disk, and the maximum capacity of application small is 3 " +
				"vCPU",
		},
		{submit("r", 0, program(sparkDriver(""))), errs.Invalid, "is of engine PROCESS and cannot run a SPARK driver"},
		{submit("r", 0, commanding(256<<10)), errs.Invalid, "the most is 262144"},
		{submit("r", 0, in("none")), errs.NotFound, `"none"`},
	} {
		w.refuses(c.run, c.kind, c.said)
	}
}

// What fits in the limit is taken, though there is no room for it now: it waits.
func TestStartJobRun_TakesWhatOnlyHasToWait(t *testing.T) {
	w := newWorld(t)
	w.given(create("small", auto, limited(3, 0, 0)))
	w.given(submit("first", 2, in("small")))
	w.again("first")
	w.given(submit("second", 2, in("small")))
	w.wantRun("second", state.RunPending, "")
	w.given(submit("huge", 500))
	w.wantRun("huge", state.RunPending, "")
}

func TestStartJobRun_TakesASubmissionJustBelowTheBound(t *testing.T) {
	w := newWorld(t)
	w.given(submit("r", 0, commanding(255<<10)))
}

// ofSpark is the application spark, whose runs have executors of so many cores.
func ofSpark(cores string) *command.CreateApplication {
	return create("spark", auto, engine(state.EngineSpark, "emr-7.2.0"), inheriting(executors(cores)))
}

func executors(cores string) *specv1.Configuration {
	return site("spark-defaults", map[string]string{"spark.executor.cores": cores, "spark.executor.memory": "4g"})
}

func TestStartJobRun_ResolvesTheShapeOfASparkRun(t *testing.T) {
	w := newWorld(t)
	w.given(ofSpark("2"))
	w.given(submit("r", 0, in("spark"), program(sparkDriver("--conf spark.executor.instances=5"))))
	shape := w.view.JobRun("r").Shape
	if shape.Driver != state.TypeDriver || shape.Worker != state.TypeExecutor || shape.Initial != 5 ||
		shape.WorkerSize.MilliCPU != 2000 || shape.DriverSize.MilliCPU != 4000 {
		t.Errorf("the shape is %+v", shape)
	}
	bad := submit("bad", 0, in("spark"), program(sparkDriver("--conf")))
	w.refuses(bad, errs.Invalid, "spec.driver.spark_submit.spark_submit_parameters")
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

// A release can do what it could when it was new; a release of the cluster's own can do everything, and PROCESS has
// none.
func TestStartJobRun_AsksOfTheReleaseOnlyWhatItCan(t *testing.T) {
	failures := func(c *command.StartJobRun) {
		c.Spec.SetRetryPolicy(specv1.RetryPolicy_builder{MaxFailedAttemptsPerHour: new(uint32(3))}.Build())
	}
	nothing := func(*command.StartJobRun) {}
	for _, c := range []struct {
		release string
		ask     func(*command.StartJobRun)
		said    string // empty: accepted
	}{
		{"emr-7.1.0", streaming(5), ""},
		{"emr-7.0.0", streaming(5), "spec.mode: release emr-7.0.0 cannot run STREAMING: it needs emr-7.1.0 or newer"},
		{"emr-7.1.0", attempts(2), ""},
		{
			"emr-6.15.0", attempts(2),
			"spec.retry_policy.max_attempts: release emr-6.15.0 cannot retry: more than one attempt needs emr-7.1.0 " +
				"or newer",
		},
		{"emr-6.15.0", failures, "spec.retry_policy.max_failed_attempts_per_hour: release emr-6.15.0 cannot retry"},
		{"emr-6.15.0", nothing, ""},
		{"own", streaming(5), ""},
		{"own", attempts(2), ""},
	} {
		w := newWorld(t)
		w.given(&command.AddRelease{Release: state.Release{Label: "own", Engine: state.EngineSpark, Digest: []byte{1}}})
		w.given(create("spark", auto, engine(state.EngineSpark, c.release)))
		run := submit("r", 0, in("spark"), program(sparkDriver("")), c.ask)
		if c.said != "" {
			w.refuses(run, errs.Invalid, c.said)
		} else {
			w.given(run)
		}
	}
	newWorld(t).given(submit("r", 0, streaming(5)))
}

// A Hive application can be there before there is an engine for it; its runs are refused, and other faults are told
// first.
func TestStartJobRun_OnHiveIsRefusedLast(t *testing.T) {
	w := newWorld(t)
	w.given(create("hive", auto, engine(state.EngineHive, "emr-7.2.0")))
	inHive := in("hive")
	right := program(hiveDriver(hiveDirectories))
	w.refuses(submit("r", 0, inHive, right, streaming(5)), errs.Invalid, "spec.mode: a HIVE run cannot be STREAMING")
	w.refuses(submit("r", 0, inHive, right), errs.Invalid, "spec.driver: this cluster has no Hive engine yet")
	w.refuses(submit("r", 0, inHive), errs.Invalid,
		"spec.driver: application hive is of engine HIVE and cannot run a PROCESS driver")
}

// What was read before the door is used there, unless what the application decided has changed meanwhile.
func TestStartJobRun_IsReadBeforeTheDoorAndAgainAfterAChange(t *testing.T) {
	read := func(w *world, parameters string) *command.StartJobRun {
		c := submit("r", 0, in("spark"), program(sparkDriver(parameters)))
		c.Resolve(w.view.Application("spark"))
		return c
	}
	w := newWorld(t)
	w.given(ofSpark("2"))
	used := read(w, "")
	broken := read(w, "--no-such-option")
	used.Spec.GetDriver().GetSparkSubmit().SetSparkSubmitParameters("not read again")
	w.given(used)
	if cpu := w.view.JobRun("r").Shape.WorkerSize.MilliCPU; cpu != 2000 {
		t.Errorf("executors have %d", cpu)
	}
	w.refuses(broken, errs.Invalid, "unknown option --no-such-option")
	w = newWorld(t)
	w.given(ofSpark("2"))
	late := read(w, "")
	w.given(update("spark", inheriting(executors("4"))), late)
	if cpu := w.view.JobRun("r").Shape.WorkerSize.MilliCPU; cpu != 4000 {
		t.Errorf("after the change executors have %d", cpu)
	}
}

// prior gives a run a priority.
func prior(priority uint32) func(*command.StartJobRun) {
	return func(c *command.StartJobRun) { c.Spec.SetPriority(priority) }
}

func TestStartJobRun_HasItsApplicationsPriorityOrALowerOne(t *testing.T) {
	w := newWorld(t)
	w.given(create("plain", auto), create("high", auto, func(a *specv1.Application) { a.SetPriority(70) }))
	w.given(create("none", auto, func(a *specv1.Application) { a.SetPriority(0) }))
	w.given(submit("usual", 0, in("plain")), submit("important", 0, in("high")), submit("lowest", 0, in("none")))
	w.given(submit("lower", 0, in("high"), prior(10)), submit("least", 0, in("high"), prior(0)))
	w.given(submit("same", 0, in("high"), prior(70)))
	for id, want := range map[string]uint32{
		"usual": 50, "important": 70, "lowest": 0, "lower": 10, "least": 0, "same": 70,
	} {
		if got := w.view.JobRun(id).Priority; got != want {
			t.Errorf("run %s has priority %d, not %d", id, got, want)
		}
	}
	w.refuses(submit("r", 0, in("high"), prior(71)), errs.Invalid, "at most 70, which is the application's, not 71")
	w.refuses(submit("r", 0, in("none"), prior(1)), errs.Invalid, "at most 0")
}

// A run keeps the priority that it was submitted with.
func TestStartJobRun_KeepsItsPriorityWhenItsApplicationChanges(t *testing.T) {
	w := newWorld(t)
	w.given(create("plain", auto), submit("before", 0, in("plain")))
	w.given(&command.StopApplication{ApplicationID: "plain", Force: true})
	w.given(update("plain", func(a *specv1.Application) { a.SetPriority(90) }), submit("after", 0, in("plain")))
	if before, after := w.view.JobRun("before").Priority, w.view.JobRun("after").Priority; before != 50 || after != 90 {
		t.Errorf("the priorities are %d and %d", before, after)
	}
}
