package command_test

import (
	"testing"
	"time"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/server/command"
)

// wantQueued holds that a run was QUEUED so long.
func (w *world) wantQueued(run string, want time.Duration) {
	w.t.Helper()
	if got := w.view.JobRun(run).QueuedAt(w.now); got != want {
		w.t.Errorf("run %s was QUEUED for %s, not for %s", run, got, want)
	}
}

// However a run leaves the queue, what it waited there is kept; what it waits afterwards is not counted.
func TestA12_CountsHowLongARunWasQueued(t *testing.T) {
	w := busy(t)
	w.given(submit("admitted", 0, inBusy), submit("cancelled", 0, inBusy), submit("expired", 0, inBusy))
	w.now = w.now.Add(90*time.Second + 1500*time.Microsecond)
	w.wantQueued("admitted", 90*time.Second+time.Millisecond) // while it waits
	w.given(&command.CancelJobRun{ApplicationID: "busy", JobRunID: "cancelled"})
	w.given(exited(w.worker("run", 0), well))
	w.wantStates("admitted cancelled expired", state.RunPending, state.RunCancelled, state.RunQueued)
	w.now = w.now.Add(30 * time.Minute)
	w.given(&command.ExpireJobRun{JobRunID: "expired"})
	w.wantStates("expired", state.RunFailed)
	w.now = w.now.Add(time.Hour)
	w.wantQueued("run", 0)
	w.wantQueued("admitted", 90*time.Second+time.Millisecond)
	w.wantQueued("cancelled", 90*time.Second+time.Millisecond)
	w.wantQueued("expired", 31*time.Minute+30*time.Second+time.Millisecond)
}
