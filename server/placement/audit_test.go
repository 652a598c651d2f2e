package placement

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"testing"

	"github.com/headrace/headrace/fsm/state"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
	"github.com/headrace/headrace/scheduler"
	"github.com/headrace/headrace/server/demand"
	"github.com/headrace/headrace/server/placement/proposal"
)

// TestAudit_CuresABookThatIsWrong takes a node out of the planner's indexes behind the state's back: a run waits in
// vain, until the next comparison finds it, says so, and the run is placed.
func TestAudit_CuresABookThatIsWrong(t *testing.T) {
	var log bytes.Buffer
	w := newWorld(t)
	w.p.cfg.Log = slog.New(slog.NewTextHandler(&log, nil))
	w.node("n1")
	w.p.cycle(t.Context(), w.now)
	w.p.book.Cluster().RemoveNode("n1")
	run := w.spark()
	w.p.cycle(t.Context(), w.now)
	if got := w.View().JobRun(run).State; got != state.RunPending || w.p.Rebuilds() != 0 {
		t.Fatalf("without a node the run is %s, and %d differences were found", got, w.p.Rebuilds())
	}
	w.now = w.now.Add(auditInterval)
	w.p.cycle(t.Context(), w.now)
	if got := w.View().JobRun(run).State; got != state.RunScheduled || w.p.Rebuilds() != 1 {
		t.Errorf("after the comparison the run is %s, and %d differences were found", got, w.p.Rebuilds())
	}
	if text := log.String(); !strings.Contains(text, "level=ERROR") || !strings.Contains(text, "0 nodes, not 1") {
		t.Errorf("the log says %q", text)
	}
	w.now = w.now.Add(auditInterval)
	if w.p.cycle(t.Context(), w.now); w.p.Rebuilds() != 1 {
		t.Errorf("%d differences were found in the end", w.p.Rebuilds())
	}
}

// TestAudit_FindsEveryKindOfRow damages the book in one row each time.
func TestAudit_FindsEveryKindOfRow(t *testing.T) {
	for name, damage := range map[string]func(*scheduler.Cluster, scheduler.Input){
		"node gone":        func(c *scheduler.Cluster, in scheduler.Input) { c.RemoveNode(in.Nodes[0].ID) },
		"node that is not": func(c *scheduler.Cluster, _ scheduler.Input) { c.SetNode(scheduler.Node{ID: "n9"}) },
		"application":      func(c *scheduler.Cluster, in scheduler.Input) { c.RemoveApplication(in.Applications[0].ID) },
		"slot gone":        func(c *scheduler.Cluster, in scheduler.Input) { c.RemoveSlot(in.Slots[0].ID) },
		"slot that is not": func(c *scheduler.Cluster, _ scheduler.Input) { c.SetSlot(scheduler.Slot{ID: "s9"}) },
		"run gone":         func(c *scheduler.Cluster, in scheduler.Input) { c.RemoveAsk(in.Waiting[0].Run) },
		"run that is not":  func(c *scheduler.Cluster, _ scheduler.Input) { c.SetRequest(scheduler.Request{Run: "r9"}) },
		"growth of nobody": func(c *scheduler.Cluster, _ scheduler.Input) { c.SetGrowth(scheduler.Growth{Run: "r9"}) },
		"bounds":           func(c *scheduler.Cluster, _ scheduler.Input) { c.SetBounds(scheduler.Bounds{MaxWorkers: 7}) },
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.node("n1")
			application := w.warm(3, nil)
			w.reserve(application, "n1", 2, true)
			w.spark()
			b, _ := w.plan()
			damage(w.p.book.Cluster(), b.Input)
			w.now = w.now.Add(auditInterval)
			from := w.p.source(w.View(), w.now)
			for range 2 {
				w.p.compare(t.Context(), from, w.demands.Changed())
			}
			if w.p.Rebuilds() != 1 {
				t.Errorf("%d differences were found", w.p.Rebuilds())
			}
		})
	}
}

// TestAudit_IsDoneInSteps compares a book of more rows than are in one step.
func TestAudit_IsDoneInSteps(t *testing.T) {
	w := newWorld(t)
	w.p.cycle(t.Context(), w.now)
	application := w.application(nil)
	for range auditStep - 1 { // each of these, and the application, is compared twice
		w.submit(application, "", nil)
	}
	w.now = w.now.Add(auditInterval)
	steps := 0
	for w.p.cycle(t.Context(), w.now); w.p.audit.next != nil; w.p.cycle(t.Context(), w.now) {
		steps++
	}
	if steps != 1 || w.p.Rebuilds() != 0 {
		t.Errorf("%d steps left something to do, and %d differences were found", steps, w.p.Rebuilds())
	}
}

// TestAudit_IsNotDeceivedByWhatChangesMeanwhile has a driver, and who is left out, change between the taking of news
// and the comparison: no difference is counted, and the next cycle has followed.
func TestAudit_IsNotDeceivedByWhatChangesMeanwhile(t *testing.T) {
	for name, change := range map[string]func(w *world, run string){
		"demand": func(w *world, run string) {
			w.demands.Set(&agentv1.Demand{JobRunId: run, Attempt: 1, Target: 9})
		},
		"demand forgotten": func(w *world, _ string) { w.demands.Forget(func(demand.Attempt) bool { return true }) },
		"left out":         func(w *world, run string) { w.p.aside.put(run, w.now) },
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.node("n1")
			run := w.spark()
			w.running(run)
			w.demands.Set(&agentv1.Demand{JobRunId: run, Attempt: 1, Target: 3})
			w.p.decide(t.Context(), w.now)
			w.now = w.now.Add(auditInterval)
			w.asked = func() { change(w, run) }
			w.p.decide(t.Context(), w.now)
			if w.p.audit.next == nil || w.p.Rebuilds() != 0 {
				t.Errorf("%d rows are compared again, and %d differences were found", len(w.p.audit.step), w.p.Rebuilds())
			}
			w.asked = nil
			w.p.decide(t.Context(), w.now)
			if w.p.audit.next != nil || w.p.Rebuilds() != 0 {
				t.Errorf("then %d rows are left, and %d differences were found", len(w.p.audit.step), w.p.Rebuilds())
			}
		})
	}
}

// TestAudit_AsksOnceWhichNodesAreAvoided has a node fail while a book is compared.
func TestAudit_AsksOnceWhichNodesAreAvoided(t *testing.T) {
	w := newWorld(t)
	from := w.p.source(w.View(), w.now)
	before := from.Avoided("app")
	w.avoided.Refused("app", "n1", w.now)
	if after := from.Avoided("app"); len(before)+len(after) != 0 {
		t.Errorf("first %v are avoided, then %v", before, after)
	}
	if now := w.p.source(w.View(), w.now).Avoided("app"); len(now) != 1 {
		t.Errorf("the next cycle avoids %v", now)
	}
}

// TestAudit_ARunThatPanicsIsNoDifference has the book fail on a run while it follows: the run is left out by the time
// of the comparison.
func TestAudit_ARunThatPanicsIsNoDifference(t *testing.T) {
	w := newWorld(t)
	w.p.cycle(t.Context(), w.now)
	tx := w.View().Begin()
	tx.PutApplication(state.Application{ID: "app"})
	tx.PutJobRun(state.JobRun{ID: "run", Application: "app", State: state.RunPending, Attempt: 1}) // of no attempt
	broken := &brokenDoor{world: w, view: tx.Commit()}
	w.p.cfg.Door = broken
	w.now = w.now.Add(auditInterval)
	for range 3 {
		w.p.decide(t.Context(), w.now)
	}
	if wait, _ := w.p.Explain("run"); wait.Kind != proposal.WaitAside || w.p.Rebuilds() != 0 || w.p.audit.next != nil {
		t.Errorf("the run waits for %q, and %d differences were found", wait.Kind, w.p.Rebuilds())
	}
}

// brokenDoor has a view of which one record made what cannot be.
type brokenDoor struct {
	*world
	view *state.View
	told bool
}

func (d *brokenDoor) View() *state.View { return d.view }

func (d *brokenDoor) ChangesSince(uint64) (*state.View, []*state.Changes, bool) {
	if d.told {
		return d.view, nil, true
	}
	d.told = true
	return d.view, []*state.Changes{d.view.Changes()}, true
}

// TestRun_KnowsNoWaitsOnceItHasEnded has a leader lose its leadership.
func TestRun_KnowsNoWaitsOnceItHasEnded(t *testing.T) {
	w := newWorld(t)
	run := w.spark()
	w.p.cycle(t.Context(), w.now)
	if _, ok := w.p.Explain(run); !ok {
		t.Fatal("the run does not wait")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	w.p.Run(ctx)
	if wait, ok := w.p.Explain(run); ok {
		t.Errorf("who does not lead says that it waits for %+v", wait)
	}
}

// TestCycle_FillsTheBookWhenItCannotFollow has the state come from a snapshot, and a cycle panic that has damaged the
// indexes: nobody knows what has changed then, or what the indexes are.
func TestCycle_FillsTheBookWhenItCannotFollow(t *testing.T) {
	for name, lose := range map[string]func(*world){
		"snapshot": func(w *world) { w.changes = nil },
		"panic": func(w *world) {
			w.p.follow(w.now)
			w.p.book.Cluster().RemoveNode("n1")
			w.p.breakBook()
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.p.cycle(t.Context(), w.now)
			w.node("n1")
			run := w.spark()
			lose(w)
			w.p.cycle(t.Context(), w.now)
			if got := w.View().JobRun(run).State; got != state.RunScheduled || w.p.Rebuilds() != 0 {
				t.Errorf("the run is %s, and %d differences were found", got, w.p.Rebuilds())
			}
		})
	}
}
