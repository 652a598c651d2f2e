package slots

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/headrace/headrace/agent/engine"
	"github.com/headrace/headrace/agent/outbox"
	"github.com/headrace/headrace/agent/release"
	"github.com/headrace/headrace/agent/runtime"
	"github.com/headrace/headrace/agent/runtime/memory"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
)

// testReleases brings releases when the gate is open.
type testReleases struct {
	gate chan struct{}

	mu    sync.Mutex
	holds map[string]string // by holder
}

func (r *testReleases) Hold(holder, label string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.holds[holder] = label
}

func (r *testReleases) Free(holder string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.holds, holder)
}

func (r *testReleases) Ensure(ctx context.Context, label string, _ []byte) (release.Release, error) {
	select {
	case <-r.gate:
		return release.Release{Label: label}, nil
	case <-ctx.Done():
		return release.Release{}, ctx.Err()
	}
}

func (r *testReleases) Labels() []string { return nil }

// holders returns who holds releases, in order.
func (r *testReleases) holders() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Sorted(maps.Keys(r.holds))
}

// waiter is an engine whose processes wait as soon as they run, and fit every worker.
type waiter struct {
	engine.Engine
	begun []string // commands that were handed over
}

func (e *waiter) Warm(context.Context, *agentv1.AssignedWorker, *runtime.Home) (engine.Waiting, error) {
	return e, nil
}

func (e *waiter) Command() runtime.Command       { return runtime.Command{Args: []string{"/waits"}} }
func (e *waiter) Ready(context.Context) error    { return nil }
func (e *waiter) Differs(runtime.Command) string { return "" }
func (e *waiter) Close()                         {}
func (e *waiter) Begin(_ context.Context, worker runtime.Command) error {
	e.begun = append(e.begun, worker.Args...)
	return nil
}

// node is the slots of a node in memory.
type node struct {
	*Slots
	runtime  *memory.Runtime
	releases *testReleases
	outbox   *outbox.Outbox
}

// inMemory runs a test on virtual time with the slots of a node in memory, whose processes do that.
func inMemory(t *testing.T, programs engine.Engine, script memory.Script, test func(t *testing.T, n node)) {
	synctest.Test(t, func(t *testing.T) {
		machine := memory.NewMachine(memory.Config{Script: script})
		defer machine.Close()
		n := node{
			runtime:  machine.Open(),
			releases: &testReleases{gate: make(chan struct{}), holds: map[string]string{}},
			outbox:   outbox.New(),
		}
		if err := n.runtime.MoveLease(n.runtime.Now().Add(24 * time.Hour)); err != nil {
			t.Fatal(err)
		}
		n.Slots = New(Config{
			Runtime:  n.runtime,
			Engine:   programs,
			Warm:     true,
			Releases: n.releases,
			Outbox:   n.outbox,
			Room:     func() error { return nil },
			Logger:   slog.New(slog.DiscardHandler),
		})
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { ended <- n.Run(ctx) }()
		test(t, n)
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

// told returns the slots that are told of now, and which of them are ready.
func (n node) told() map[string]bool {
	told := map[string]bool{}
	report := n.outbox.Next()
	for _, status := range report.GetSlots() {
		told[status.GetSlotId()] = status.GetReady()
	}
	n.outbox.Acknowledged(report.GetNumber())
	return told
}

// slotFor returns a slot for drivers of an application.
func slotFor(id string) *agentv1.AssignedSlot {
	return &agentv1.AssignedSlot{
		SlotId:        id,
		ApplicationId: "app",
		Type:          "DRIVER",
		ReleaseLabel:  "emr-7.2.0",
		Program:       &agentv1.AssignedSlot_SparkDriver{SparkDriver: &agentv1.SparkDriver{}},
	}
}

func TestSlots_AreForgotten(t *testing.T) {
	inMemory(t, nil, nil, func(t *testing.T, n node) {
		n.Assign(&agentv1.Assignment{Slots: []*agentv1.AssignedSlot{slotFor("a"), slotFor("b"), slotFor("c")}})
		n.Assign(&agentv1.Assignment{ForgetSlots: []string{"a"}})
		n.Assign(&agentv1.Assignment{Slots: []*agentv1.AssignedSlot{slotFor("c")}})
		n.Keep(map[string]bool{"c": true})
		if holders := n.releases.holders(); !slices.Equal(holders, []string{"slot c"}) {
			t.Errorf("%q hold a release", holders)
		}
		close(n.releases.gate)
		synctest.Wait()
		if told := n.told(); len(told) != 1 || !told["c"] {
			t.Errorf("told were %v, want the slot that is left", told)
		}
		if len(n.slots) != 1 || len(n.bringing) != 0 {
			t.Errorf("%d slots and %d preparations are left", len(n.slots), len(n.bringing))
		}
	})
}

// An application that waits for the turns of others starts all the same, and its slots are warmed when they have
// theirs.
func TestWarmth_ASlotWhoseTurnDoesNotComeIsReady(t *testing.T) {
	inMemory(t, &waiter{}, nil, func(t *testing.T, n node) {
		release, err := n.warmth.turn.take(t.Context(), "x", false, func() {})
		if err != nil {
			t.Fatal(err)
		}
		close(n.releases.gate)
		n.Assign(&agentv1.Assignment{Slots: []*agentv1.AssignedSlot{slotFor("s")}})
		<-time.After(turnPatience - time.Second)
		if told := n.told(); len(told) != 0 {
			t.Errorf("told are %v before its turn was long in coming", told)
		}
		<-time.After(2 * time.Second)
		if told := n.told(); !told["s"] || n.WaitingIn("s") != nil {
			t.Errorf("told are %v, and %v waits", told, n.WaitingIn("s"))
		}
		release()
		synctest.Wait()
		if n.WaitingIn("s") == nil {
			t.Error("nothing waits when it had its turn")
		}
	})
}

// A process that dies while it waits is started again after a pause that doubles, and not all the time.
func TestWarmth_WhatDiesIsWarmedAgainAfterAPause(t *testing.T) {
	var starts []time.Duration
	began := time.Time{}
	script := func(runtime.Spec) memory.Program {
		starts = append(starts, time.Since(began))
		return memory.Exits(1, time.Second, "")
	}
	inMemory(t, &waiter{}, script, func(t *testing.T, n node) {
		began = time.Now()
		close(n.releases.gate)
		n.Assign(&agentv1.Assignment{Slots: []*agentv1.AssignedSlot{slotFor("s")}})
		<-time.After(4 * time.Minute)
		want := []time.Duration{0, firstPause + time.Second, 3*firstPause + 2*time.Second, 7*firstPause + 3*time.Second}
		if !slices.Equal(starts, want) {
			t.Errorf("it was started after %v, want %v", starts, want)
		}
	})
}

// What waits becomes the worker, is told what to do, and the slot is warmed again when the worker has left.
func TestWarmth_WhatWaitsBecomesTheWorker(t *testing.T) {
	programs := &waiter{}
	inMemory(t, programs, nil, func(t *testing.T, n node) {
		close(n.releases.gate)
		n.Assign(&agentv1.Assignment{Slots: []*agentv1.AssignedSlot{slotFor("s")}})
		synctest.Wait()
		if told := n.told(); !told["s"] {
			t.Fatalf("told are %v", told)
		}
		waiting := n.WaitingIn("s")
		if _, err := n.runtime.MakeHome("w", runtime.HomeOptions{Of: waiting}); err != nil {
			t.Fatal(err)
		}
		a := &agentv1.AssignedWorker{WorkerId: "w", SlotId: "s"}
		work := runtime.Spec{ID: "w", Command: runtime.Command{Args: []string{"/work"}}}
		taken, note, err := n.Use(t.Context(), a, work)
		if err != nil || note != "" || taken.ID() != "w" || !slices.Equal(programs.begun, []string{"/work"}) {
			t.Fatalf("taken is %v (%q, %v), and begun is %q", taken, note, err, programs.begun)
		}
		if n.runtime.Unconfirmed("w") || n.WaitingIn("s") != nil {
			t.Error("it has not begun, or still waits")
		}
		_, note, err = n.Use(t.Context(), a, runtime.Spec{ID: "v"})
		if err != nil || note != "no process waits in its slot" {
			t.Errorf("a second one gave %q, %v", note, err)
		}
		if err := errors.Join(taken.Stop(runtime.Stopped, 0), n.runtime.RemoveDir("w")); err != nil {
			t.Fatal(err)
		}
		n.Leave(a)
		synctest.Wait()
		if n.WaitingIn("s") == nil {
			t.Error("the slot is not warmed again")
		}
	})
}
