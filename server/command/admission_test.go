package command_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/server/command"
)

var inBusy = in("busy")

// busy creates the started application busy with one place, which run has.
func busy(t *testing.T) *world {
	w := newWorld(t)
	w.given(create("busy", auto, bounded(1, 30)))
	w.runs("run", 0, inBusy, attempts(2))
	return w
}

func (w *world) wantStates(runs string, states ...state.JobRunState) {
	w.t.Helper()
	for i, run := range strings.Fields(runs) {
		if got := w.view.JobRun(run).State; got != states[i] {
			w.t.Errorf("run %s is %s, not %s", run, got, states[i])
		}
	}
}

func TestQueue_GivesPlacesOldestFirst(t *testing.T) {
	w := busy(t)
	w.then(submit("second", 0, inBusy), "JobRunSubmitted", "JobRunQueued")
	w.then(submit("third", 0, inBusy), "JobRunSubmitted", "JobRunQueued")
	w.refuses(place("second", 1, "n1"), errs.Refused, "cannot place attempt 1")
	w.given(exited(w.worker("run", 0), badly)) // it keeps its place between attempts
	w.wantStates("run second third", state.RunPending, state.RunQueued, state.RunQueued)
	w.now = w.now.Add(time.Second)
	w.again("run")
	w.then(exited(w.worker("run", 0), badly), "WorkerEnded", "AttemptEnded", "JobRunEnded", "JobRunAdmitted")
	w.wantStates("run second third", state.RunFailed, state.RunPending, state.RunQueued)
	w.then(&command.CancelJobRun{ApplicationID: "busy", JobRunID: "second"}, "JobRunCancelRequested", "AttemptEnded",
		"JobRunEnded", "JobRunAdmitted")
	w.then(submit("fourth", 0, inBusy), "JobRunSubmitted", "JobRunQueued")
}

// A run that is being cancelled has its place until its workers are gone; one that queued never had one.
func TestQueue_OfRunsThatAreCancelled(t *testing.T) {
	w := busy(t)
	w.given(submit("second", 0, inBusy), submit("third", 0, inBusy))
	w.then(&command.CancelJobRun{ApplicationID: "busy", JobRunID: "second"}, "JobRunCancelRequested", "AttemptEnded",
		"JobRunEnded")
	w.then(&command.CancelJobRun{ApplicationID: "busy", JobRunID: "run"}, "JobRunCancelRequested", "AttemptEnded")
	w.wantStates("run second third", state.RunCancelling, state.RunCancelled, state.RunQueued)
	w.then(exited(w.worker("run", 0), stopped), "WorkerEnded", "JobRunEnded", "JobRunAdmitted")
}

func TestQueue_HasATimeout(t *testing.T) {
	w := busy(t)
	w.given(submit("second", 0, inBusy))
	expire := &command.ExpireJobRun{JobRunID: "second"}
	w.now = w.now.Add(30 * time.Minute)
	w.then(expire)
	w.now = w.now.Add(time.Second)
	w.then(expire, "AttemptEnded", "JobRunEnded")
	w.wantRun("second", state.RunFailed, "none of the 1 places of its application was free within 30m1s")
	if kind := w.view.JobRun("second").Failure.Kind; kind != state.FailedCapacity {
		t.Errorf("it failed by %s", kind)
	}
}

func TestStopApplication_CancelsTheQueue(t *testing.T) {
	w := busy(t)
	w.given(submit("second", 0, inBusy), submit("third", 0, inBusy))
	w.refuses(&command.StopApplication{ApplicationID: "busy"}, errs.WrongState, "has 3 unfinished runs")
	w.given(&command.StopApplication{ApplicationID: "busy", Force: true})
	w.wantStates("run second third", state.RunCancelling, state.RunCancelled, state.RunCancelled)
	w.given(submit("next", 0, inBusy))
	w.then(exited(w.worker("run", 0), stopped), "WorkerEnded", "JobRunEnded", "ApplicationStateChanged",
		"ApplicationStateChanged", "ApplicationStateChanged", "JobRunAdmitted")
	w.wantStates("next", state.RunPending)
}

// Runs that waited for the start get the places, the others queue.
func TestStartApplication_AdmitsAsManyAsItMay(t *testing.T) {
	w := newWorld(t)
	w.pooled(1, 0, bounded(2, 60))
	for i := range 4 {
		w.given(submit(fmt.Sprint("r", i), 0, inPooled))
	}
	w.fill("n1", 1, 0)
	w.wantStates("r0 r1 r2 r3", state.RunPending, state.RunPending, state.RunQueued, state.RunQueued)
}

func TestStartJobRun_IsOverloadedByTooManyUnfinishedRuns(t *testing.T) {
	w := busy(t)
	w.limits.Unfinished = 2
	w.given(submit("second", 0, inBusy))
	w.refuses(submit("third", 0, inBusy), errs.Overloaded,
		"application busy has 2 unfinished ones, and the most is 2; try again later")
}

// What was in the way when a run waited too long is named, with who may do what.
func TestExpireJobRun_NamesWhatWasInTheWay(t *testing.T) {
	for name, c := range map[string]struct {
		limit int64 // of the application, in vCPU
		quota int64
		waits string
		said  string
	}{
		"maximum capacity": {limit: 4, waits: "no room", said: "within 6h0m1s: " +
			"configured maximum capacity exceeded: application busy may use 4 vCPU and holds " +
			"2 vCPU, 4 GB, 40 GB disk, and driver and 2 workers need 3 vCPU, 6 GB, 60 GB disk more: over its cpu; " +
			"raise the maximum capacity, or try again later"},
		"quota": {
			quota: 4000,
			waits: "no room",
			said:  "the account's quota is exceeded: it is 4 vCPU, 2 are held, and driver and 2 workers need 3 more",
		},
		"scheduler": {waits: "zone a has 1 vCPU", said: "within 6h0m1s: zone a has 1 vCPU"},
		"no word":   {said: "no zone has 3 vCPU, 6 GB, 60 GB disk for driver and 2 workers"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.given(create("busy", auto, limited(c.limit, 0, 0)))
			w.runs("run", 1, inBusy)
			w.given(submit("waits", 2, inBusy))
			w.limits.AccountCPU = c.quota
			w.now = w.now.Add(6*time.Hour + time.Second)
			w.given(&command.ExpireJobRun{JobRunID: "waits", Waits: c.waits})
			w.wantRun("waits", state.RunFailed, c.said)
			if kind := w.view.JobRun("waits").Failure.Kind; kind != state.FailedCapacity {
				t.Errorf("it failed by %s", kind)
			}
		})
	}
}

// Slots that are free are not what a run waits for.
func TestExpireJobRun_CountsFreeSlots(t *testing.T) {
	w := newWorld(t)
	w.pooled(1, 1, limited(5, 0, 0))
	w.given(&command.StartApplication{ApplicationID: "pooled"})
	w.fill("n1", 1, 1)
	w.given(submit("waits", 2, inPooled))
	w.now = w.now.Add(6*time.Hour + time.Second)
	w.given(&command.ExpireJobRun{JobRunID: "waits"})
	w.wantRun("waits", state.RunFailed, "no zone has 1 vCPU, 2 GB, 20 GB disk for driver and 2 workers")
}

// More runs may wait for an application's start than one record can admit: those that are left come after it, before
// later ones.
func TestAdmission_ManyRunsAreAdmittedInSeveralSteps(t *testing.T) {
	w := newWorld(t)
	w.pooled(1, 0, bounded(5, 30))
	for i := range 12_000 {
		w.quickly(submit(fmt.Sprintf("run-%020d", i), 0, inPooled))
	}
	w.quickly(reserve(state.TypeDriver, command.Share{Node: "n1", Count: 1}))
	w.quickly(prepared(w.slots(state.TypeDriver)[0]))
	if counts := w.view.RunCounts("pooled"); counts.Placed() != 5 || counts[state.RunQueued] < 5_000 ||
		counts[state.RunSubmitted] < 1_000 {
		t.Errorf("once it is started %d runs have places, %d queue and %d wait",
			counts.Placed(), counts[state.RunQueued], counts[state.RunSubmitted])
	}
	w.quickly(submit("run-late", 0, inPooled))
	if late := w.view.JobRun("run-late"); late.State != state.RunSubmitted {
		t.Errorf("a later run is %s", late.State)
	}
	if size := w.quickly(&command.AdmitRuns{ApplicationID: "pooled"}); size > w.limits.StepBytes+1<<10 {
		t.Errorf("a step has %d bytes", size)
	}
	if counts := w.view.RunCounts("pooled"); counts[state.RunQueued] != 11_996 ||
		command.Unadmitted(w.view, w.view.Application("pooled")) {
		t.Errorf("after the next step %d runs queue", counts[state.RunQueued])
	}
}
