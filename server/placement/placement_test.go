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
	"github.com/headrace/headrace/server/placement/proposal"
)

func TestGrow_TwentyPerSecond(t *testing.T) {
	w := newWorld(t)
	w.node("n1")
	run := w.spark()
	w.running(run)
	w.demands.Set(&agentv1.Demand{JobRunId: run, Attempt: 1, Target: 47})
	if n := w.planOnce(); n != 20 {
		t.Errorf("%d executors are placed at once, not 20", n)
	}
	b, plan := w.plan()
	if n := placed(plan); n != 0 || !b.Next.Equal(start.Add(proposal.CycleTime)) {
		t.Errorf("%d more are placed within the second; the next plan is at %s", n, b.Next.Sub(start))
	}
	for _, want := range []uint32{20, 5, 0} { // 2 + 45 = 47
		w.now = w.now.Add(proposal.CycleTime)
		if n := w.planOnce(); n != want {
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

// The door counts executors that are on their way out, because they hold room until they are gone.
func TestGrow_NeverAsksForMoreThanTheDoorTakes(t *testing.T) {
	w := newWorld(t)
	w.node("n1")
	run := w.submit(w.application(nil), "--conf spark.dynamicAllocation.maxExecutors=3", nil)
	w.running(run)
	w.demands.Set(&agentv1.Demand{JobRunId: run, Attempt: 1, Target: 3, Stop: []uint32{1, 2}})
	if n := w.planOnce(); n != 1 {
		t.Errorf("with two of at most three executors on their way out %d are placed, not 1", n)
	}
	w.die(run, 1)
	w.now = w.now.Add(proposal.CycleTime)
	if n := w.planOnce(); n != 1 {
		t.Errorf("when one of them is gone %d are placed, not 1", n)
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
		w.now = w.now.Add(proposal.CycleTime) // pacing plays no part
		died := w.now.Add(-proposal.CycleTime)
		if c.wait > proposal.CycleTime {
			b, plan := w.plan()
			if placed(plan) != 0 || len(b.Waits) != 1 || b.Waits[0].Kind != proposal.WaitExecutors ||
				!strings.Contains(b.Waits[0].Message, "died in a row") {
				t.Errorf("during a back-off of %s: %d are placed, waits %v", c.wait, placed(plan), b.Waits)
			}
			w.now = died.Add(c.wait - time.Millisecond)
			if _, plan := w.plan(); placed(plan) != 0 {
				t.Errorf("placed before the end of a back-off of %s", c.wait)
			}
			w.now = died.Add(c.wait)
		}
		if n := w.planOnce(); n != uint32(c.deaths) {
			t.Errorf("after a back-off of %s %d are placed, not %d", c.wait, n, c.deaths)
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
	part := proposedBy(plan)[0]
	part.answer = errs.New(errs.Refused, "no room")
	w.p.note(t.Context(), part, w.View().Sequence, w.memory)
	if w.p.Refused() != 1 {
		t.Errorf("%d refusals are counted", w.p.Refused())
	}
	if b, _ := w.plan(); len(b.Input.Waiting) != 0 {
		t.Error("a refused run is planned again on the same state")
	}
	if b, _ := w.plan(); len(b.Input.Waiting) != 0 {
		t.Error("the refusal was forgotten on the same state")
	}
	w.node("n2")
	if b, _ := w.plan(); len(b.Input.Waiting) != 1 || b.Input.Waiting[0].Run != run {
		t.Error("a refused run is not planned again when the state has changed")
	}
	for _, answer := range []error{errs.New(errs.Unknown, ""), errs.New(errs.NotLeader, ""), errors.New("disk")} {
		part.answer = answer
		w.p.note(t.Context(), part, w.View().Sequence, w.memory)
	}
	if b, _ := w.plan(); w.p.Refused() != 1 || len(b.Input.Waiting) != 1 {
		t.Error("what was not decided counts as refused")
	}
}

// A plan that the door refuses because the state had changed meanwhile is made again at once: nothing else may ever
// change.
func TestPropose_ARefusalOnANewerStateIsNotWaitedFor(t *testing.T) {
	w := newWorld(t)
	w.node("n1")
	run := w.spark()
	old := w.View().Sequence
	_, plan := w.plan()
	plan.Placements[0].Driver = "a node that has gone since"
	w.node("n2")
	w.p.propose(t.Context(), old, plan, w.memory)
	if w.p.Refused() != 1 {
		t.Fatalf("%d refusals are counted", w.p.Refused())
	}
	if b, _ := w.plan(); len(b.Input.Waiting) != 1 || b.Input.Waiting[0].Run != run {
		t.Error("the run is not planned again")
	}
}

func TestPlace_SaysWhyARunWaits(t *testing.T) {
	w := newWorld(t)
	run := w.spark()
	ctx, cancel := context.WithCancel(t.Context())
	cancelled := make(chan struct{})
	go func() { // one cycle sets the waits
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
	run := w.sparkTwice()
	w.running(run)
	// The driver dies, while its executors still live.
	w.report(w.View().Driver(run, 1), &state.Exit{Reason: state.ExitExited, Code: 1})
	if b, _ := w.plan(); len(b.Input.Waiting) != 0 || len(b.Waits) != 1 || b.Waits[0].Kind != proposal.WaitOldWorkers {
		t.Errorf("asks for %d, waits %v", len(b.Input.Waiting), b.Waits)
	}
	w.die(run, 2)
	if b, _ := w.plan(); len(b.Input.Waiting) != 0 || len(b.Waits) != 1 || b.Waits[0].Kind != proposal.WaitBackoff ||
		!b.Next.Equal(w.now.Add(time.Second)) {
		t.Errorf("asks for %d, waits %v, plans again at %s", len(b.Input.Waiting), b.Waits, b.Next)
	}
	w.now = w.now.Add(command.DefaultLimits().BackoffFirst)
	if b, _ := w.plan(); len(b.Input.Waiting) != 1 || b.Input.Waiting[0].Attempt != 2 ||
		b.Input.Waiting[0].AvoidZone != "a" {
		t.Errorf("after the back-off it asks for %+v", b.Input.Waiting)
	}
}

func TestExpireAt_AppliesDeadlinesAndForgetsDemands(t *testing.T) {
	w := newWorld(t)
	run := w.spark()
	w.demands.Set(&agentv1.Demand{JobRunId: run, Attempt: 1, Target: 1})
	w.p.cycle(t.Context(), w.now)
	w.p.expireAt(t.Context(), w.now)
	if row := w.View().JobRun(run); row.State != state.RunPending || w.demands.Get(run, 1) == nil {
		t.Fatalf("the run is %s at once", row.State)
	}
	w.now = w.now.Add(command.DefaultLimits().Pending + time.Second)
	w.p.expireAt(t.Context(), w.now)
	row := w.View().JobRun(run)
	if row.State != state.RunFailed || row.Failure.Kind != state.FailedCapacity ||
		!strings.Contains(row.Failure.Message, "no node holds a lease") {
		t.Errorf("the run is %s: %v", row.State, row.Failure)
	}
	w.p.expireAt(t.Context(), w.now)
	if w.demands.Get(run, 1) != nil {
		t.Error("the demand of an attempt that is over is kept")
	}
}
