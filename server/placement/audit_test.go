package placement

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"

	"github.com/headrace/headrace/fsm/state"
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

// TestCycle_FillsTheBookWhenItCannotFollow has the state come from a snapshot, and the planner panic: nobody knows what
// has changed then, or what the indexes are.
func TestCycle_FillsTheBookWhenItCannotFollow(t *testing.T) {
	for name, lose := range map[string]func(*world){
		"snapshot": func(w *world) { w.changes = nil },
		"panic":    func(w *world) { w.p.breakBook() },
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
