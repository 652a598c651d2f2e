package slots

import (
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/headrace/headrace/agent/runtime"
	"github.com/headrace/headrace/agent/runtime/memory"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
)

// starvable is a runtime in memory whose processes can lose one of their own for memory, as the kernel does it.
type starvable struct {
	*memory.Runtime

	mu    sync.Mutex
	runs  []*starvedWorker // all that were started
	early bool             // the next process loses one while it rehearses
}

// started returns all that were started.
func (r *starvable) started() []*starvedWorker {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.runs
}

// starvedWorker is a process that loses one of its own.
type starvedWorker struct {
	runtime.Worker
	starved chan struct{}
}

func (w *starvedWorker) Starved() <-chan struct{} { return w.starved }
func (w *starvedWorker) StarvedPeak() int64       { return 512 << 20 }

func (r *starvable) Start(spec runtime.Spec) (runtime.Worker, error) {
	started, err := r.Runtime.Start(spec)
	if err != nil {
		return nil, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	w := &starvedWorker{started, make(chan struct{})}
	if r.early {
		r.early = false
		close(w.starved)
	}
	r.runs = append(r.runs, w)
	return w, nil
}

// onStarvable runs a test with a slot on a node whose processes can be starved.
func onStarvable(t *testing.T, early bool, test func(t *testing.T, n node, r *starvable)) {
	inMemory(t, &waiter{}, nil, func(t *testing.T, n node) {
		r := &starvable{Runtime: n.runtime, early: early}
		n.warmth.runtime = r
		close(n.releases.gate)
		n.Assign(&agentv1.Assignment{Slots: []*agentv1.AssignedSlot{slotFor("s")}})
		synctest.Wait()
		test(t, n, r)
	})
}

// replaced holds that the first process is gone, and that another one waits after the pause.
func replaced(t *testing.T, n node, r *starvable) {
	t.Helper()
	if n.WaitingIn("s") != nil {
		t.Error("what lost a process for memory still waits")
	}
	if _, ended := r.started()[0].Exit(); !ended {
		t.Error("it still runs")
	}
	<-time.After(firstPause + time.Second)
	synctest.Wait()
	if len(r.started()) != 2 || n.WaitingIn("s") != runtime.Worker(r.started()[1]) {
		t.Errorf("%d were started, and %v waits", len(r.started()), n.WaitingIn("s"))
	}
}

// The count of killed processes is the control group's and goes on when a run takes the process that waited: a kill in
// the rehearsal would be the run's.
func TestWarmth_WhatIsStarvedInItsRehearsalNeverBecomesAWorker(t *testing.T) {
	onStarvable(t, true, replaced)
}

// The same while it waits.
func TestWarmth_WhatIsStarvedWhileItWaitsNeverBecomesAWorker(t *testing.T) {
	onStarvable(t, false, func(t *testing.T, n node, r *starvable) {
		close(r.started()[0].starved)
		synctest.Wait()
		replaced(t, n, r)
	})
}

// And at the moment when a run wants it: whoever sees it first, the run starts cold.
func TestWarmth_WhatIsStarvedAsARunWantsItNeverBecomesAWorker(t *testing.T) {
	for range 20 {
		onStarvable(t, false, func(t *testing.T, n node, r *starvable) {
			if _, err := n.runtime.MakeHome("w", runtime.HomeOptions{Of: n.WaitingIn("s")}); err != nil {
				t.Fatal(err)
			}
			close(r.started()[0].starved)
			a := &agentv1.AssignedWorker{WorkerId: "w", SlotId: "s"}
			taken, note, err := n.Use(t.Context(), a, runtime.Spec{ID: "w"})
			if taken != nil || err != nil || !strings.Contains(note, "killed for memory (peak 512 MiB)") {
				t.Errorf("taken is %v, %q, %v", taken, note, err)
			}
			if _, ended := r.started()[0].Exit(); !ended {
				t.Error("it still runs")
			}
		})
	}
}
