package placement

import (
	"strings"
	"testing"
	"time"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/resource"
	"github.com/headrace/headrace/server/command"
)

// nodeForFour adds a node that holds four workers of 4 vCPU.
func (w *world) nodeForFour(name string) {
	w.t.Helper()
	w.do((&command.RegisterNode{Node: state.Node{
		ID:           name,
		Name:         name,
		Zone:         "a",
		Host:         name,
		Architecture: "X86_64",
		Releases:     []string{"emr-7.2.0"},
		Capacity:     resource.Vector{MilliCPU: 16_000, MemoryMiB: 80 << 10, DiskMiB: 400 << 10},
	}}).Decide)
}

// runs submits a run that starts with so many executors, beside its driver, and plans.
func (w *world) runs(executors string) string {
	w.t.Helper()
	parameters := "--conf spark.dynamicAllocation.initialExecutors=" + executors +
		" --conf spark.dynamicAllocation.minExecutors=" + executors
	run := w.submit(w.application(nil), parameters, nil)
	w.cycleOnce()
	return run
}

// end lets the driver of a run end well.
func (w *world) end(run string) {
	w.t.Helper()
	driver := w.View().Driver(run, 1)
	w.report(driver, nil)
	w.report(driver, &state.Exit{Reason: state.ExitExited})
	w.cycleOnce()
}

// A run that needs a whole node has waited for a minute. What others leave of the node is kept for it, and it has the
// node when the last of them has gone.
func TestPlacement_KeepsNodesForARunThatWaitsLong(t *testing.T) {
	w := newWorld(t)
	w.nodeForFour("n1")
	small := []string{w.runs("0"), w.runs("0"), w.runs("0"), w.runs("0")}
	large := w.runs("3")
	if _, promised := w.p.Promise(large); promised {
		t.Error("nodes are promised to a run that has only just come")
	}
	w.now = w.now.Add(time.Minute)
	w.cycleOnce()
	promise, promised := w.p.Promise(large)
	wait, _ := w.p.Explain(large)
	if !promised || len(promise.Nodes) != 1 || !strings.Contains(wait.Message, "promised room on 1 node of zone a") {
		t.Fatalf("promised is %+v: %s", promise, wait.Message)
	}
	if due := state.Moment(promise.Due); due.Before(start.Add(12*time.Hour)) || due.After(start.Add(13*time.Hour)) {
		t.Errorf("it waits until %s at worst, and the others run for 12 hours at most from %s on", due, start)
	}
	later := w.runs("0")
	for _, run := range small {
		if w.View().JobRun(large).State != state.RunPending || w.View().JobRun(later).State != state.RunPending {
			t.Error("it is placed before the last of the others has gone, or a later one was before it")
		}
		w.end(run)
	}
	if s := w.View().JobRun(large).State; s != state.RunScheduled {
		t.Errorf("when all others have gone it is %s", s)
	}
	w.cycleOnce()
	if _, promised := w.p.Promise(large); promised {
		t.Error("nodes are still promised to it")
	}
}

// A new leader knows of no promises, and makes them again.
func TestPlacement_ANewLeaderPromisesAnew(t *testing.T) {
	w := newWorld(t)
	w.nodeForFour("n1")
	w.runs("0")
	large := w.runs("3")
	w.now = w.now.Add(time.Hour)
	w.p.begin()
	w.cycleOnce()
	if _, promised := w.p.Promise(large); !promised {
		t.Error("nothing is promised to a run that waits for an hour")
	}
}
