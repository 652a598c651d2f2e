package command_test

import (
	"testing"
	"time"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/errs"
	eventv1 "github.com/headrace/headrace/proto/headrace/event/v1"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
	"github.com/headrace/headrace/server/command"
)

// In these states an application can rest or wait. STARTING is passed within a record.
var resting = []state.ApplicationState{
	state.ApplicationCreated, state.ApplicationStarted, state.ApplicationStopping, state.ApplicationStopped,
	state.ApplicationTerminated,
}

// inState brings the application x there. STOPPING waits for the last worker of a run that is over.
func inState(t *testing.T, s state.ApplicationState, autoStart bool) *world {
	w := newWorld(t)
	w.given(create("x", func(a *specv1.Application) { a.GetAutoStart().SetEnabled(autoStart) }))
	switch s {
	case state.ApplicationStarted:
		w.given(&command.StartApplication{ApplicationID: "x"})
	case state.ApplicationStopping:
		w.given(&command.StartApplication{ApplicationID: "x"})
		w.runs("old", 1, inX)
		w.given(exited(w.worker("old", 0), well), &command.StopApplication{ApplicationID: "x"})
	case state.ApplicationStopped:
		w.given(&command.StopApplication{ApplicationID: "x"})
	case state.ApplicationTerminated:
		w.given(&command.DeleteApplication{ApplicationID: "x"})
	}
	if got := w.view.Application("x").State; got != s {
		t.Fatalf("the application is %s, not %s", got, s)
	}
	return w
}

var inX = in("x")

// TestApplication_InEveryState: what each state makes of each command; "refused" means WRONG_STATE.
func TestApplication_InEveryState(t *testing.T) {
	const refused = "refused"
	changed := func(times int) (kinds []string) {
		for range times {
			kinds = append(kinds, "ApplicationStateChanged")
		}
		return kinds
	}
	submitted := func(more ...string) []string { return append([]string{"JobRunSubmitted"}, more...) }
	for _, c := range []struct {
		asked     decision
		autoStart bool
		outcome   [5][]string // as in resting
	}{
		{
			&command.StartApplication{ApplicationID: "x"}, false,
			[5][]string{changed(2), nil, changed(1), changed(2), {refused}},
		},
		{&command.StopApplication{ApplicationID: "x"}, false, [5][]string{changed(2), changed(2), nil, nil, {refused}}},
		{
			&command.StopApplication{ApplicationID: "x", Force: true}, false,
			[5][]string{changed(2), changed(2), nil, nil, {refused}},
		},
		{
			&command.DeleteApplication{ApplicationID: "x"}, false,
			[5][]string{changed(1), {refused}, {refused}, changed(1), nil},
		},
		{
			submit("new", 0, inX), false,
			[5][]string{{refused}, submitted("JobRunAdmitted"), {refused}, {refused}, {refused}},
		},
		{submit(
			"new", 0, inX,
		), true, [5][]string{
			submitted(append(changed(2), "JobRunAdmitted")...), submitted("JobRunAdmitted"), submitted(changed(1)...),
			submitted(append(changed(2), "JobRunAdmitted")...),
			{refused},
		}},
	} {
		for i, s := range resting {
			w := inState(t, s, c.autoStart)
			if outcome := c.outcome[i]; len(outcome) == 1 && outcome[0] == refused {
				w.refuses(c.asked, errs.WrongState, "")
			} else {
				w.then(c.asked, outcome...)
			}
		}
	}
}

func TestStartApplication_IsRememberedWhileItStopsAndStopTakesItBack(t *testing.T) {
	w := inState(t, state.ApplicationStopping, false)
	w.given(&command.StartApplication{ApplicationID: "x"})
	w.then(&command.StartApplication{ApplicationID: "x"})
	w.then(&command.StopApplication{ApplicationID: "x"}, "ApplicationStateChanged")
	w.given(&command.StartApplication{ApplicationID: "x"}, exited(w.worker("old", 1), stopped))
	if got := w.view.Application("x").State; got != state.ApplicationStarted {
		t.Errorf("after its stop the application is %s, though a start was asked for", got)
	}
	w = inState(t, state.ApplicationStopping, false)
	w.given(&command.StartApplication{ApplicationID: "x"}, &command.StopApplication{ApplicationID: "x"},
		exited(w.worker("old", 1), stopped))
	if got := w.view.Application("x").State; got != state.ApplicationStopped {
		t.Errorf("the application is %s, though the newest command was to stop", got)
	}
}

// A run that waits for the application's next start is not in the way of its stop, nor is it cancelled unasked.
func TestStopApplication_WithARunThatWaitsForTheNextStart(t *testing.T) {
	w := inState(t, state.ApplicationStopping, true)
	w.given(submit("next", 0, inX))
	w.wantRun("next", state.RunSubmitted, "")
	w.refuses(&command.StopApplication{ApplicationID: "x"}, errs.WrongState, "1 unfinished")
	w.given(exited(w.worker("old", 1), stopped))
	w.wantRun("next", state.RunPending, "")

	w = inState(t, state.ApplicationStopping, true)
	w.given(submit("next", 0, inX), &command.StopApplication{ApplicationID: "x", Force: true})
	w.wantRun("next", state.RunCancelled, "stopped with force")
	w.given(exited(w.worker("old", 1), stopped))
	if got := w.view.Application("x").State; got != state.ApplicationStopped {
		t.Errorf("the application is %s after a stop with force", got)
	}
}

func TestStopApplication_WithUnfinishedRuns(t *testing.T) {
	w := newWorld(t)
	w.runs("run", 1)
	w.given(submit("waits", 0))
	w.refuses(&command.StopApplication{ApplicationID: "app"}, errs.WrongState,
		"has 2 unfinished runs; cancel them, or stop with force")
	w.given(&command.StopApplication{ApplicationID: "app", Force: true})
	w.wantRun("run", state.RunCancelling, "with force")
	w.wantRun("waits", state.RunCancelled, "with force")
	w.then(&command.StopApplication{ApplicationID: "app"})
	w.given(exited(w.worker("run", 0), stopped))
	w.then(exited(w.worker("run", 1), stopped), "WorkerEnded", "JobRunEnded", "ApplicationStateChanged")
}

func TestCreateApplication_ChecksEngineAndRelease(t *testing.T) {
	w := newWorld(t)
	w.given(
		&command.AddRelease{Release: state.Release{Label: "own-spark", Engine: state.EngineSpark, Digest: []byte{1}}},
		&command.AddRelease{Release: state.Release{Label: "emr-7.1.0", Engine: state.EngineSpark, Digest: []byte{1}}})
	for _, c := range []struct {
		engine  state.Engine
		release string
		said    string // empty: accepted
	}{
		{state.EngineSpark, "emr-7.2.0", ""},
		{state.EngineSpark, "own-spark", ""},
		{state.EngineSpark, "emr-9.9.9", `there is no release "emr-9.9.9"`},
		{state.EngineProcess, "emr-7.2.0", `has the release "process" or none`},
		{state.EngineHive, "own-spark", "is of engine SPARK, not HIVE"},
		{state.EngineHive, "emr-7.2.0", ""},
		{state.EngineHive, "emr-7.1.0", ""}, // though only a Spark archive was added under this label
		{state.EngineHive, "none", `there is no release "none"`},
	} {
		asked := create("x", engine(c.engine, c.release))
		if c.said != "" {
			w.refuses(asked, errs.Invalid, c.said)
		} else if _, err := w.when(asked); err != nil {
			t.Errorf("%s with %s: %v", c.engine, c.release, err)
		}
	}
}

func TestDeletedApplication_IsNotFoundAfterADay(t *testing.T) {
	w := inState(t, state.ApplicationTerminated, false)
	w.now = w.now.Add(24 * time.Hour)
	w.refuses(&command.StartApplication{ApplicationID: "x"}, errs.WrongState, "is deleted")
	w.now = w.now.Add(time.Second)
	w.refuses(&command.StartApplication{ApplicationID: "x"}, errs.NotFound, "there is no application")
	w.refuses(&command.StopApplication{ApplicationID: "none"}, errs.NotFound, `"none"`)
	w.refuses(&command.DeleteApplication{ApplicationID: "none"}, errs.NotFound, `"none"`)
}

// Repeated requests find the first one's outcome; the same id for another request is a conflict.
func TestRequest_IsDoneOnce(t *testing.T) {
	w := newWorld(t)
	first := create("first")
	first.Request = command.Request{Operation: "CreateApplication", ID: "token", Token: true, Fingerprint: []byte{1}}
	w.then(first, "ApplicationCreated", "RequestCompleted")
	again := create("second")
	again.Request = first.Request
	w.then(again)
	if again.ApplicationID != "first" {
		t.Errorf("the repetition answers %q", again.ApplicationID)
	}
	again.Request.Fingerprint = []byte{2}
	w.refuses(again, errs.Conflict, `"token"`)
	run := submit("run", 0, func(c *command.StartJobRun) {
		c.Request = command.Request{Operation: "StartJobRun", ID: "token", Fingerprint: []byte{3}}
	})
	w.then(run, "JobRunSubmitted", "RequestCompleted", "JobRunAdmitted")
	w.then(run)
	if run.JobRunID != "run" {
		t.Errorf("the repetition answers %q", run.JobRunID)
	}
}

// Two users may call their requests the same: neither is given the other's outcome, nor refused for it.
func TestRequest_IsItsCallersOwn(t *testing.T) {
	w := newWorld(t)
	start := func(id, by string) *command.StartJobRun {
		return submit(id, 0, func(c *command.StartJobRun) {
			c.Request = command.Request{
				Operation:   "StartJobRun",
				By:          by,
				Scope:       c.ApplicationID,
				ID:          "nightly",
				Token:       true,
				Fingerprint: []byte{1},
			}
		})
	}
	for _, by := range []string{"ann", "bob"} {
		run := start("of-"+by, by)
		w.given(run)
		again := start("again-"+by, by)
		w.then(again)
		if run.JobRunID != "of-"+by || again.JobRunID != run.JobRunID {
			t.Errorf("%s gets %q and %q", by, run.JobRunID, again.JobRunID)
		}
	}
	other := start("other", "bob")
	other.Request.Fingerprint = []byte{2}
	w.refuses(other, errs.Conflict, "of-bob")
}

// A client's token is kept a day, a request id of ours 15 minutes.
func TestRequest_IsKeptAsLongAsItSays(t *testing.T) {
	for token, kept := range map[bool]time.Duration{true: 24 * time.Hour, false: 15 * time.Minute} {
		w := newWorld(t)
		run := submit("run", 0, func(c *command.StartJobRun) {
			c.Request = command.Request{Operation: "StartJobRun", ID: "id", Token: token}
		})
		w.given(run)
		w.now = w.now.Add(kept - time.Nanosecond)
		w.apply(w.anything())
		w.then(run)
		w.now = w.now.Add(time.Nanosecond)
		w.apply(w.anything())
		if w.view.Request("StartJobRun//id/") != nil {
			t.Errorf("token %t: the outcome is kept longer than %s", token, kept)
		}
	}
}

// anything is a record that lets time pass.
func (w *world) anything() []*eventv1.Event {
	w.made++
	events, err := w.when(&command.AddRelease{
		Replace: true,
		Release: state.Release{Label: "any", Engine: state.EngineSpark, Digest: []byte{byte(w.made)}},
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return events
}

func TestStopIdleApplication_WaitsForItsTime(t *testing.T) {
	w := newWorld(t)
	w.given(create("x", idle(1)), &command.StartApplication{ApplicationID: "x"})
	stop := &command.StopIdleApplication{ApplicationID: "x"}
	w.now = w.now.Add(time.Minute)
	w.then(stop)
	w.given(submit("run", 0, inX))
	w.now = w.now.Add(time.Second)
	w.then(stop)
	w.given(&command.CancelJobRun{ApplicationID: "x", JobRunID: "run"})
	w.now = w.now.Add(time.Minute)
	w.then(stop)
	w.now = w.now.Add(time.Second)
	w.then(stop, "ApplicationStateChanged", "ApplicationStateChanged")
	w.then(&command.StopIdleApplication{ApplicationID: "app"})
}

func TestForgetApplication_WaitsForItsTombstoneAndItsRuns(t *testing.T) {
	w := newWorld(t)
	w.given(create("empty"), create("used"), &command.StartApplication{ApplicationID: "used"})
	w.given(submit("run", 0, in("used")), &command.CancelJobRun{ApplicationID: "used", JobRunID: "run"})
	w.given(&command.StopApplication{ApplicationID: "used"})
	w.given(&command.DeleteApplication{ApplicationID: "empty"}, &command.DeleteApplication{ApplicationID: "used"})
	w.now = w.now.Add(command.DefaultLimits().Tombstone)
	w.then(&command.ForgetApplication{ApplicationID: "empty"})
	w.now = w.now.Add(time.Second)
	w.then(&command.ForgetApplication{ApplicationID: "used"})
	w.then(&command.ForgetApplication{ApplicationID: "empty"}, "ApplicationForgotten")
	w.then(&command.ForgetApplication{ApplicationID: "empty"})
}
