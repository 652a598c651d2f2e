package placement

import (
	"strings"
	"testing"

	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
	"github.com/headrace/headrace/scheduler"
	"github.com/headrace/headrace/server/demand"
)

// cycleOnce plans and proposes as the leader does.
func (w *world) cycleOnce() {
	w.p.cycle(w.t.Context(), w.now)
}

// A driver that wants three executors where its application's limit leaves two is told in the plan that finds it, with
// who limits it, the numbers and what to do; explain says the same. It is told again only when a number changes.
func TestA14_IsToldAtOnceByThePlan(t *testing.T) {
	w := newWorld(t)
	w.node("n1")
	application := w.application(func(b *specv1.Application_builder) {
		b.MaximumCapacity = specv1.MaximumCapacity_builder{MilliCpu: new(int64(12_000))}.Build()
	})
	run := w.submit(application, "", nil) // of 4 vCPU each: its driver and two executors
	w.running(run)
	w.cycleOnce()
	if short, is := w.demands.Shortage(run, 1); is {
		t.Errorf("before the driver has said anything it is told %v", short)
	}
	w.demands.Set(&agentv1.Demand{JobRunId: run, Attempt: 1, Target: 3})
	w.cycleOnce()
	short, is := w.demands.Shortage(run, 1)
	if !is || short.Kind != string(scheduler.WaitApplicationLimit) || short.Has != 2 || short.Wants != 3 {
		t.Fatalf("told is %+v", short)
	}
	wait, _ := w.p.Explain(run)
	for _, part := range []string{
		"2 of the 3 executors", application, "may hold 12 vCPU", "raise the application's maximum capacity", wait.Message,
	} {
		if part == "" || !strings.Contains(short.Message, part) {
			t.Errorf("told is %q, without %q", short.Message, part)
		}
	}
	if changed := w.demands.TakeShorter(); len(changed) != 1 || changed[0] != (demand.Attempt{Run: run, Number: 1}) {
		t.Errorf("changed are %v", changed)
	}
	w.cycleOnce()
	if changed := w.demands.TakeShorter(); len(changed) != 0 {
		t.Errorf("told again are %v", changed)
	}
	w.demands.Set(&agentv1.Demand{JobRunId: run, Attempt: 1, Target: 2})
	w.cycleOnce()
	if short, is := w.demands.Shortage(run, 1); is || len(w.demands.TakeShorter()) != 1 {
		t.Errorf("when it wants no more it is told %v", short)
	}
}

// What a plan gives counts, before it is proposed.
func TestA14_IsToldAtOnceWhatItGets(t *testing.T) {
	w := newWorld(t)
	w.node("n1")
	application := w.application(func(b *specv1.Application_builder) {
		b.MaximumCapacity = specv1.MaximumCapacity_builder{MilliCpu: new(int64(16_000))}.Build()
	})
	run := w.submit(application, "", nil)
	w.running(run)
	w.demands.Set(&agentv1.Demand{JobRunId: run, Attempt: 1, Target: 9})
	w.cycleOnce()
	if short, is := w.demands.Shortage(run, 1); !is || short.Has != 3 || short.Wants != 9 {
		t.Errorf("told is %+v", short)
	}
}
