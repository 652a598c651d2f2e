package placement

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/errs"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
	"github.com/headrace/headrace/scheduler"
	"github.com/headrace/headrace/server/command"
)

func TestGrow_TwentyPerSecond(t *testing.T) {
	w := newWorld(t)
	w.node("n1")
	run := w.spark()
	w.running(run)
	w.demands.Set(&agentv1.Demand{JobRunId: run, Attempt: 1, Target: 47})
	if n := w.step(); n != 20 {
		t.Errorf("%d executors are placed at once, not 20", n)
	}
	b, plan := w.plan()
	if n := placed(plan); n != 0 || !b.next.Equal(start.Add(cycleTime)) {
		t.Errorf("%d more are placed within the second; the next plan is at %s", n, b.next.Sub(start))
	}
	for _, want := range []uint32{20, 5, 0} { // 2 + 45 = 47
		w.now = w.now.Add(cycleTime)
		if n := w.step(); n != want {
			t.Errorf("%d executors are placed at %s, not %d", n, w.now.Sub(start), want)
		}
	}
}

func TestGrow_CountsStoppingExecutorsAsGone(t *testing.T) {
	w := newWorld(t)
	w.node("n1")
	run := w.spark()
	w.running(run)
	for _, c := range []struct {
		target uint32
		stop   []uint32
		want   uint32
	}{{2, nil, 0}, {1, nil, 0}, {0, []uint32{1, 2}, 0}, {2, []uint32{1}, 1}} {
		w.demands.Set(&agentv1.Demand{JobRunId: run, Attempt: 1, Target: c.target, Stop: c.stop})
		if _, plan := w.plan(); placed(plan) != c.want {
			t.Errorf("target %d without %v places %d, not %d", c.target, c.stop, placed(plan), c.want)
		}
	}
	w.demands.Set(&agentv1.Demand{JobRunId: run, Attempt: 2, Target: 9}) // of another attempt
	if _, plan := w.plan(); placed(plan) != 1 {
		t.Errorf("a demand of another attempt places %d", placed(plan))
	}
}

func TestGrow_BacksOffWhenExecutorsDie(t *testing.T) {
	w := newWorld(t)
	w.node("n1")
	run := w.spark()
	w.running(run)
	w.demands.Set(&agentv1.Demand{JobRunId: run, Attempt: 1, Target: 2})
	for _, c := range []struct {
		deaths int
		wait   time.Duration
	}{{1, 0}, {1, time.Second}, {1, 2 * time.Second}, {2, 8 * time.Second}} {
		w.die(run, c.deaths)
		w.now = w.now.Add(cycleTime) // pacing plays no part
		died := w.now.Add(-cycleTime)
		if c.wait > cycleTime {
			b, plan := w.plan()
			if placed(plan) != 0 || len(b.waits) != 1 || b.waits[0].Kind != waitExecutors || !strings.Contains(b.waits[0].Message, "died in a row") {
				t.Errorf("during a back-off of %s: %d are placed, waits %v", c.wait, placed(plan), b.waits)
			}
			w.now = died.Add(c.wait - time.Millisecond)
			if _, plan := w.plan(); placed(plan) != 0 {
				t.Errorf("placed before the end of a back-off of %s", c.wait)
			}
			w.now = died.Add(c.wait)
		}
		if n := w.step(); n != uint32(c.deaths) {
			t.Errorf("after a back-off of %s %d are placed, not %d", c.wait, n, c.deaths)
		}
	}
}

func TestBackoffEnd_DoublesToAMinute(t *testing.T) {
	w := newWorld(t)
	w.node("n1")
	run := w.spark()
	w.running(run)
	w.die(run, 1)
	for deaths, want := range map[uint32]time.Duration{2: time.Second, 3: 2 * time.Second, 7: 32 * time.Second, 8: time.Minute, 1000: time.Minute} {
		attempt := *w.View().Attempt(run, 1)
		attempt.Deaths = deaths
		if got := backoffEnd(w.View(), &attempt).Sub(start); got != want {
			t.Errorf("%d deaths wait %s, not %s", deaths, got, want)
		}
	}
}

func TestNote_ARefusedPlanIsSkippedUntilTheStateChanges(t *testing.T) {
	w := newWorld(t)
	w.node("n1")
	run := w.spark()
	_, plan := w.plan()
	if len(plan.Placements) != 1 {
		t.Fatalf("%d placements", len(plan.Placements))
	}
	w.p.note(plan.Placements[0], errs.New(errs.Refused, "no room"), w.View().Sequence, w.memory)
	if w.p.Refused() != 1 {
		t.Errorf("%d refusals are counted", w.p.Refused())
	}
	if b, _ := w.plan(); len(b.input.Waiting) != 0 {
		t.Error("a refused run is planned again on the same state")
	}
	w.memory.forget(w.View())
	if b, _ := w.plan(); len(b.input.Waiting) != 0 {
		t.Error("the refusal was forgotten on the same state")
	}
	w.node("n2")
	if b, _ := w.plan(); len(b.input.Waiting) != 1 || b.input.Waiting[0].Run != run {
		t.Error("a refused run is not planned again when the state has changed")
	}
	w.memory.forget(w.View())
	if len(w.memory.refused) != 0 {
		t.Error("an old refusal is kept")
	}
	for _, err := range []error{errs.New(errs.Unknown, ""), errs.New(errs.NotLeader, ""), errors.New("disk")} {
		w.p.note(plan.Placements[0], err, w.View().Sequence, w.memory)
	}
	if w.p.Refused() != 1 || len(w.memory.refused) != 0 {
		t.Error("what was not decided counts as refused")
	}
}

func TestPlace_SaysWhyARunWaits(t *testing.T) {
	w := newWorld(t)
	run := w.spark()
	ctx, cancel := context.WithCancel(t.Context())
	cancelled := make(chan struct{})
	go func() { // one turn of the loop sets the waits
		defer close(cancelled)
		for {
			if _, ok := w.p.Explain(run); ok || ctx.Err() != nil {
				cancel()
				return
			}
			select {
			case <-time.After(time.Millisecond):
			case <-ctx.Done():
			}
		}
	}()
	w.p.place(ctx)
	<-cancelled
	if wait, ok := w.p.Explain(run); !ok || wait.Kind != scheduler.WaitNoNodes {
		t.Errorf("it waits for %v", wait)
	}
	if _, ok := w.p.Explain("another"); ok {
		t.Error("a run that is not there waits")
	}
}

func TestBuild_AttemptsWaitForBackoffAndOldWorkers(t *testing.T) {
	w := newWorld(t)
	w.node("n1")
	run := w.spark()
	w.running(run)
	// The driver dies: with one more attempt the run is PENDING again, while its executors still live.
	row := *w.View().JobRun(run)
	row.State = state.RunPending
	b := &built{next: w.now.Add(time.Second)}
	w.p.request(b, w.View(), &row, w.now)
	if len(b.input.Waiting) != 0 || len(b.waits) != 1 || b.waits[0].Kind != waitOldWorkers {
		t.Errorf("asks for %d, waits %v", len(b.input.Waiting), b.waits)
	}
}

func TestExpireAt_AppliesDeadlinesAndForgetsDemands(t *testing.T) {
	w := newWorld(t)
	run := w.spark()
	w.demands.Set(&agentv1.Demand{JobRunId: run, Attempt: 1, Target: 1})
	w.p.waits.set([]scheduler.Wait{{Run: run, Message: "there is no node"}})
	w.p.expireAt(t.Context(), w.now)
	if row := w.View().JobRun(run); row.State != state.RunPending || w.demands.Get(run, 1) == nil {
		t.Fatalf("the run is %s at once", row.State)
	}
	w.now = w.now.Add(command.DefaultLimits().Pending + time.Second)
	w.p.expireAt(t.Context(), w.now)
	row := w.View().JobRun(run)
	if row.State != state.RunFailed || row.Failure.Kind != state.FailedCapacity || !strings.Contains(row.Failure.Message, "there is no node") {
		t.Errorf("the run is %s: %v", row.State, row.Failure)
	}
	w.p.expireAt(t.Context(), w.now)
	if w.demands.Get(run, 1) != nil {
		t.Error("the demand of an attempt that is over is kept")
	}
}
