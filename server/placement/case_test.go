package placement

import (
	"bytes"
	"testing"
	"time"

	"github.com/headrace/headrace/fsm"
	"github.com/headrace/headrace/fsm/state"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
	"github.com/headrace/headrace/server/placement/proposal"
)

// Case 2: a run that sleeps longer than its timeout of a minute is CANCELLING, then CANCELLED, and holds nothing by
// then.
func TestCase02_TimeoutThroughCancellingWithCapacityBackFirst(t *testing.T) {
	w := newWorld(t)
	w.node("n1")
	aMinute := func(b *specv1.JobRun_builder) { b.ExecutionTimeoutMinutes = new(int64(1)) }
	run := w.submit(w.application(nil), "", aMinute)
	w.running(run)
	w.now = w.now.Add(time.Minute)
	w.p.expireAt(t.Context(), w.now)
	if row := w.View().JobRun(run); row.State != state.RunRunning {
		t.Fatalf("after its timeout to the moment the run is %s", row.State)
	}
	w.now = w.now.Add(time.Second)
	w.p.expireAt(t.Context(), w.now)
	for worker := range w.View().LiveWorkersOfRun(run) {
		if row := w.View().JobRun(run); row.State != state.RunCancelling || row.Failure.Kind != state.FailedTimeout {
			t.Fatalf("with worker %d alive the run is %s: %v", worker.Number, row.State, row.Failure)
		}
		w.report(worker, &state.Exit{Reason: state.ExitStopped, Code: 143})
	}
	row := w.View().JobRun(run)
	if row.State != state.RunCancelled || !w.View().Used().IsZero() || !row.Ended.Equal(w.now) {
		t.Errorf("the run is %s since %s, and %s is held", row.State, row.Ended, w.View().Used())
	}
}

// Case 16: whatever the driver wants at once, by default no cycle of a second places more than 20 executors.
func TestCase16_AtMostTwentyExecutorsPerSecond(t *testing.T) {
	w := newWorld(t)
	w.node("n1")
	run := w.spark()
	w.running(run)
	w.demands.Set(&agentv1.Demand{JobRunId: run, Attempt: 1, Target: 200})
	for end := w.now.Add(3 * time.Second); w.now.Before(end); {
		cycle := w.now
		given := uint32(0)
		for ; w.now.Sub(cycle) < proposal.CycleTime; w.now = w.now.Add(100 * time.Millisecond) {
			given += w.planOnce()
		}
		if given != 20 {
			t.Errorf("the cycle from %s places %d executors, not 20", cycle.Sub(start), given)
		}
	}
}

// change replaces the state, as a snapshot does.
func (w *world) change(change func(*state.Tx)) {
	w.t.Helper()
	tx := w.View().Begin()
	change(tx)
	var file bytes.Buffer
	if err := fsm.WriteSnapshot(&file, tx.Commit()); err != nil {
		w.t.Fatal(err)
	}
	if err := w.Restore(&file); err != nil {
		w.t.Fatal(err)
	}
}

// paced submits a run with two executors whose requests are paced, and has its driver run.
func (w *world) paced() string {
	w.t.Helper()
	run := w.spark()
	w.running(run)
	row := *w.View().JobRun(run)
	row.Shape.Paced = true
	w.change(func(tx *state.Tx) { tx.PutJobRun(row) })
	return run
}

func TestPaced_AsksForNoMoreThanNodesHaveStarted(t *testing.T) {
	w := newWorld(t)
	w.node("n1")
	run := w.paced()
	w.demands.Set(&agentv1.Demand{JobRunId: run, Attempt: 1, Target: 100})
	for _, want := range []uint32{18, 0, 0} { // 20 less the two of the initial set that do not run yet
		if n := w.planOnce(); n != want {
			t.Errorf("%d executors are placed, not %d", n, want)
		}
		w.now = w.now.Add(proposal.CycleTime)
	}
	running := 0
	for worker := range w.View().LiveWorkersOfRun(run) {
		if worker.Number != 0 && running < 5 {
			running++
			w.report(worker, nil)
		}
	}
	if n := w.planOnce(); n != 5 {
		t.Errorf("when five have started %d are placed", n)
	}
}

func TestPaced_WithdrawnExecutorsAreGone(t *testing.T) {
	w := newWorld(t)
	w.node("n1")
	run := w.paced()
	w.demands.Set(&agentv1.Demand{JobRunId: run, Attempt: 1, Target: 8})
	w.planOnce()
	w.demands.Set(&agentv1.Demand{JobRunId: run, Attempt: 1, Target: 3})
	if n := len(w.demands.Withdraw(w.View(), w.View().JobRun(run))); n != 5 {
		t.Errorf("%d of 8 executors are withdrawn for a target of 3", n)
	}
	w.now = w.now.Add(proposal.CycleTime)
	w.demands.Set(&agentv1.Demand{JobRunId: run, Attempt: 1, Target: 4})
	if n := w.planOnce(); n != 1 {
		t.Errorf("%d are placed when one more is wanted", n)
	}
}
