package placement

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/scheduler"
	"github.com/headrace/headrace/server/consensus"
	"github.com/headrace/headrace/server/placement/proposal"
)

// TestTurn_OneApplicationThatMakesThePlannerPanicStopsNobodyElse has the planner panic whenever it sees a run: that of
// another application is placed in the same turn, and the poisonous one again only after a while.
func TestTurn_OneApplicationThatMakesThePlannerPanicStopsNobodyElse(t *testing.T) {
	w := newWorld(t)
	w.node("n1")
	poison := w.spark()
	healthy := w.spark()
	tries := 0
	w.p.planner = func(c *scheduler.Cluster) scheduler.Output {
		if slices.ContainsFunc(c.Input().Waiting, func(r scheduler.Request) bool { return r.Run == poison }) {
			tries++
			panic("poison")
		}
		return c.Plan()
	}
	w.p.cycle(t.Context(), w.now)
	if got := w.View().JobRun(healthy).State; got != state.RunScheduled {
		t.Errorf("the run of another application is %s", got)
	}
	first := tries
	w.p.cycle(t.Context(), w.now)
	if wait, _ := w.p.Explain(poison); wait.Kind != proposal.WaitAside || tries != first {
		t.Errorf("the poisonous run waits for %q, and was planned %d times more", wait.Kind, tries-first)
	}
	w.now = w.now.Add(asideFirst)
	w.p.cycle(t.Context(), w.now)
	if tries == first {
		t.Error("the poisonous run is never planned again")
	}
}

// TestExpire_OneDeadlineThatPanicsHoldsUpNoOther has the door panic for the first run: the second is expired, and the
// first is decided again only after a while.
func TestExpire_OneDeadlineThatPanicsHoldsUpNoOther(t *testing.T) {
	w := newWorld(t)
	poison := w.spark()
	healthy := w.spark()
	door := &poisonedDoor{world: w}
	w.p.cfg.Door = door
	w.now = w.now.Add(w.limits.Pending + time.Second)
	w.p.expireAt(t.Context(), w.now)
	w.p.expireAt(t.Context(), w.now.Add(time.Second))
	if got := w.View().JobRun(healthy).State; got != state.RunFailed ||
		w.View().JobRun(poison).State != state.RunPending {
		t.Errorf("the other run is %s", got)
	}
	if door.panics != 1 {
		t.Errorf("what panics was decided %d times within a second", door.panics)
	}
	w.p.expireAt(t.Context(), w.now.Add(asideMax))
	if door.panics != 2 {
		t.Error("what panicked is never decided again")
	}
}

// poisonedDoor panics at the first decision of each pass.
type poisonedDoor struct {
	*world
	panics, asked int
}

func (d *poisonedDoor) Execute(ctx context.Context, decide consensus.Decision) (consensus.Applied, error) {
	if d.asked++; d.asked != 2 {
		d.panics++
		panic("poison")
	}
	return d.world.Execute(ctx, decide)
}

func TestAside_SpellsDoubleAndEnd(t *testing.T) {
	var a aside
	now := start
	a.put("x", now)
	if !a.holds("x", now) || a.holds("y", now) || a.holds("x", now.Add(asideFirst)) {
		t.Error("the first spell is not what it should be")
	}
	now = now.Add(asideFirst)
	a.put("x", now)
	if !a.holds("x", now.Add(2*asideFirst-1)) || a.holds("x", now.Add(2*asideFirst)) {
		t.Error("the second spell is not twice as long")
	}
	a.forget(now.Add(2*asideFirst + asideMax + 1))
	if len(a.spells) != 0 {
		t.Error("old spells are kept")
	}
}
