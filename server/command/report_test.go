package command_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/server/command"
)

func TestReportWorkers_BelievesOnlyWhatIsNews(t *testing.T) {
	w := newWorld(t)
	w.given(submit("run", 0), place("run", 1, "n1"))
	driver := w.worker("run", 0)
	from := func(node string, epoch uint32, exit *state.Exit) *command.ReportWorkers {
		return &command.ReportWorkers{Node: node, Statuses: []command.WorkerStatus{{
			WorkerID: driver.ID,
			Epoch:    epoch,
			Running:  true,
			Exit:     exit,
		}}}
	}
	w.then(from("n1", 2, nil))   // another epoch
	w.then(from("n2", 1, &well)) // another node
	w.then(&command.ReportWorkers{
		Node:     "n1",
		Statuses: []command.WorkerStatus{{WorkerID: "none", Epoch: 1, Running: true}, {WorkerID: driver.ID, Epoch: 1}},
	})
	w.then(from("n1", 1, nil), "WorkerRunning", "AttemptRunning")
	w.then(from("n1", 1, nil)) // again
	w.then(from("n1", 1, &well), "WorkerEnded", "AttemptEnded", "JobRunEnded")
	w.then(from("n1", 1, &badly)) // late
	w.then(from("n1", 1, nil))
	w.wantRun("run", state.RunSuccess, "")
}

// A worker that began and ended while nobody led is told by its end alone; clients that wait for RUNNING still see it.
func TestReportWorkers_OfAWorkerThatBeganAndEndedUnseen(t *testing.T) {
	w := newWorld(t)
	w.given(submit("run", 0), place("run", 1, "n1"))
	w.then(exited(w.worker("run", 0), well), "WorkerRunning", "AttemptRunning", "WorkerEnded", "AttemptEnded",
		"JobRunEnded")
	if w.view.JobRun("run").Started.IsZero() {
		t.Error("the run ended well and was never started")
	}
}

// What a worker of an attempt that is over does is no longer its run's business, but its end frees its room.
func TestReportWorkers_OfAnOldAttempt(t *testing.T) {
	w := newWorld(t)
	w.runs("run", 1, attempts(2))
	old := w.worker("run", 1)
	w.given(exited(w.worker("run", 0), badly))
	w.then(running(old))
	w.then(exited(old, badly), "WorkerEnded")
	if w.view.JobRun("run").Attempt != 2 || !w.view.UsedOfNode("n1").IsZero() {
		t.Errorf("the run is at attempt %d, n1 uses %s", w.view.JobRun("run").Attempt, w.view.UsedOfNode("n1"))
	}
}

func TestReportWorkers_SaysWhyADriverFailed(t *testing.T) {
	for _, c := range []struct {
		exit state.Exit
		kind state.FailureKind
		said string
	}{
		{
			state.Exit{Reason: state.ExitExited, Code: 3, Message: "Traceback"},
			state.FailedUserError,
			"its driver ended with exit code 3: Traceback",
		},
		{
			state.Exit{Reason: state.ExitExited, Code: 137, Signal: 9},
			state.FailedUserError,
			"was ended by signal 9 (SIGKILL)",
		},
		{state.Exit{Reason: state.ExitExited, Code: 255}, state.FailedUserError, "its driver ended with exit code 255"},
		{state.Exit{Reason: state.ExitExited, Code: 137}, state.FailedUserError, "its driver ended with exit code 137"},
		{
			state.Exit{Reason: state.ExitOutOfDisk, Message: "the worker held 9 bytes\nlast words"},
			state.FailedOutOfDisk, "its driver was ended for its disk: the worker held 9 bytes",
		},
		{
			state.Exit{Reason: state.ExitOutOfMemory, PeakBytes: 5},
			state.FailedOutOfMemory,
			"its driver used more memory than the 2 GB that it holds (peak 5 bytes); raise its memory",
		},
		{
			state.Exit{Reason: state.ExitAccessDenied, Message: "s3://b/x.py"},
			state.FailedAccessDenied,
			"may not read: s3://b/x.py",
		},
		{
			state.Exit{Reason: state.ExitFileNotFound, Message: "file:///x.py"},
			state.FailedFileNotFound,
			"cannot be used: file:///x.py",
		},
		{state.Exit{Reason: state.ExitDisappeared}, state.FailedLostNode, "disappeared"},
		{state.Exit{Reason: state.ExitStopped}, state.FailedLostNode, "was stopped"},
	} {
		w := newWorld(t)
		w.runs("run", 0)
		w.given(exited(w.worker("run", 0), c.exit))
		w.wantRun("run", state.RunFailed, c.said)
		if got := w.view.JobRun("run").Failure.Kind; got != c.kind {
			t.Errorf("%+v is %s, not %s", c.exit, got, c.kind)
		}
	}
}

// fail ends the driver of the newest attempt badly, once its back-off is over and it runs.
func (w *world) fail(id string) {
	w.t.Helper()
	if attempt := w.view.Attempt(id, w.view.JobRun(id).Attempt); attempt.State == state.AttemptWaiting {
		if w.now.Before(attempt.NotBefore) {
			w.now = attempt.NotBefore
		}
		w.again(id)
	}
	w.given(exited(w.worker(id, 0), badly))
}

func TestRetry_OfABatchRunBacksOffTwiceAsLongEachTime(t *testing.T) {
	w := newWorld(t)
	w.runs("run", 0, attempts(10))
	for attempt, wait := range []int{1, 2, 4, 8, 16, 32, 60, 60, 60} {
		w.fail("run")
		next := w.view.Attempt("run", uint32(attempt+2))
		if got := next.NotBefore.Sub(w.now); got != time.Duration(wait)*time.Second || next.AvoidZone != "a" ||
			next.AvoidNode != "n1" {
			t.Errorf("attempt %d waits %s and avoids %s in %s", next.Number, got, next.AvoidNode, next.AvoidZone)
		}
	}
	w.fail("run")
	w.wantRun("run", state.RunFailed, "exit code 1")
}

// A streaming run stops when as many attempts failed within an hour as its policy says; older failures no longer count.
func TestRetry_OfAStreamingRunCountsTheLastHour(t *testing.T) {
	w := newWorld(t)
	w.runs("run", 0, streaming(3))
	w.fail("run")
	for range 5 {
		w.now = w.now.Add(40 * time.Minute)
		w.fail("run")
		w.wantRun("run", state.RunPending, "")
	}
	w.fail("run")
	w.wantRun("run", state.RunFailed, "exit code 1")
}

func TestTask_IsTriedAgainAsOftenAsItsRunAllows(t *testing.T) {
	for retries := range uint32(3) {
		t.Run(fmt.Sprint(retries), func(t *testing.T) {
			w := newWorld(t)
			w.runs("run", 1, taskRetries(retries))
			for range retries {
				w.given(exited(w.worker("run", 1), badly), place("run", 1, "", "n1"))
				// the cluster's doing does not count
				w.given(exited(w.worker("run", 1), stopped), place("run", 1, "", "n1"))
			}
			w.wantRun("run", state.RunRunning, "")
			w.given(exited(w.worker("run", 1), badly))
			w.wantRun("run", state.RunFailed, "its task 1 ended with exit code 1")
		})
	}
}

// A refused start is no failure of a task, and three of them say what every node said.
func TestTask_ThatNodesRefuse(t *testing.T) {
	w := newWorld(t)
	w.runs("run", 1)
	for range 2 {
		w.given(exited(w.worker("run", 1), full))
		w.wantRun("run", state.RunRunning, "")
		w.given(place("run", 1, "", "n2"))
	}
	w.given(exited(w.worker("run", 1), full))
	w.wantRun("run", state.RunFailed,
		"3 nodes refused to start it: node n1: the disk is full; node n2: the disk is full")
}

func TestExecutors_ThatKeepDyingFailTheAttempt(t *testing.T) {
	w := newWorld(t)
	w.sparkRuns("run")
	die := func(exit state.Exit) {
		w.given(exited(w.worker("run", w.view.Attempt("run", 1).LastNumber), exit))
		if w.view.JobRun("run").State == state.RunRunning {
			w.given(place("run", 1, "", "n2"))
		}
	}
	for range 9 {
		die(badly)
	}
	die(well) // the count begins again
	for range 9 {
		die(badly)
	}
	die(stopped)                                                        // the cluster's doing does not count
	die(state.Exit{Reason: state.ExitNodeLost, Message: "lease ended"}) // neither does this
	w.wantRun("run", state.RunRunning, "")
	die(state.Exit{Reason: state.ExitOutOfMemory})
	w.wantRun("run", state.RunFailed, "kept dying; the last was executor")
	if w.view.JobRun("run").Failure.Kind != state.FailedWorkersDying {
		t.Errorf("it failed with %s", w.view.JobRun("run").Failure.Kind)
	}
}

func TestExpireJobRun_HasADeadlineForEveryWait(t *testing.T) {
	expire := &command.ExpireJobRun{JobRunID: "run", Waits: "no zone has 9 vCPU"}
	for name, c := range map[string]struct {
		given func(w *world)
		after time.Duration
		state state.JobRunState
		said  string
	}{
		"pending": {
			func(w *world) { w.given(submit("run", 0)) }, 6 * time.Hour, state.RunFailed,
			"no room for it within 6h0m1s: no zone has 9 vCPU",
		},
		"scheduled": {
			func(w *world) { w.given(submit("run", 0), place("run", 1, "n1")) }, 10 * time.Minute, state.RunPending, "",
		},
		"running": {
			func(w *world) { w.runs("run", 0, timeout(5)) }, 5 * time.Minute,
			state.RunCancelling, "longer than its execution timeout of 5m0s",
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			c.given(w)
			w.now = w.now.Add(c.after)
			w.then(expire)
			w.now = w.now.Add(time.Second)
			w.given(expire)
			w.wantRun("run", c.state, c.said)
			w.then(expire)
		})
	}
}

func TestExpireJobRun_OfARunWhoseApplicationDoesNotStart(t *testing.T) {
	w := inState(t, state.ApplicationStopping, true)
	w.given(submit("next", 0, inX))
	w.now = w.now.Add(15*time.Minute + time.Second)
	w.given(&command.ExpireJobRun{JobRunID: "next"})
	w.wantRun("next", state.RunFailed, "its application did not start within 15m1s: it is STOPPING")
}

// The execution timeout counts from the first RUNNING of all attempts, so a run may time out while it waits for the
// next one.
func TestExpireJobRun_CountsTheTimeoutOverAllAttempts(t *testing.T) {
	w := newWorld(t)
	w.runs("run", 0, timeout(5), attempts(3))
	w.now = w.now.Add(4 * time.Minute)
	w.given(exited(w.worker("run", 0), badly))
	w.now = w.now.Add(time.Minute + time.Second)
	w.then(&command.ExpireJobRun{JobRunID: "run"}, "JobRunCancelRequested", "AttemptEnded", "JobRunEnded")
	w.wantRun("run", state.RunCancelled, "execution timeout")
}
