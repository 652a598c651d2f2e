package agent

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/headrace/headrace/agent/engine"
	"github.com/headrace/headrace/agent/runtime"
	"github.com/headrace/headrace/internal/every"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
)

// waitingScript says something, waits for a script and runs it.
const waitingScript = `echo rehearsed; mkfifo go; : > waiting; read word < go; eval "$word"`

// warmEngine keeps shells waiting in slots. A worker's script is its driver's entry point, and what it needs for life
// its heap.
type warmEngine struct {
	testEngine
	mu     sync.Mutex
	warmed []int64 // the heaps that it was warmed for
	broken bool    // rehearsals fail
	gate   chan struct{}
}

// warmShell is one of its processes.
type warmShell struct {
	engine *warmEngine
	work   string
	heap   int64
}

func (e *warmEngine) Prepare(_ context.Context, w *agentv1.AssignedWorker, _ *runtime.Home) (runtime.Command, error) {
	script := w.GetSparkDriver().GetEntryPoint()
	return runtime.Command{Args: []string{"/bin/sh", "-c", script}, Handover: w.GetSparkDriver()}, nil
}

func (e *warmEngine) Warm(_ context.Context, like *agentv1.AssignedWorker, home *runtime.Home) (engine.Waiting, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.warmed = append(e.warmed, like.GetSparkDriver().GetHeapMib())
	return &warmShell{engine: e, work: home.Path(), heap: like.GetSparkDriver().GetHeapMib()}, nil
}

func (e *warmEngine) heaps() []int64 {
	e.mu.Lock()
	defer e.mu.Unlock()
	return append([]int64(nil), e.warmed...)
}

func (s *warmShell) Command() runtime.Command {
	return runtime.Command{Args: []string{"/bin/sh", "-c", waitingScript}, Env: []string{"PATH=/usr/bin:/bin"}}
}

func (s *warmShell) Ready(ctx context.Context) error {
	if s.engine.broken {
		return errors.New("it forgot its words")
	}
	if s.engine.gate != nil {
		select {
		case <-s.engine.gate:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	for ctx.Err() == nil {
		if _, err := os.Stat(filepath.Join(s.work, "waiting")); err == nil {
			return nil
		}
		every.Pause(ctx, 2*time.Millisecond)
	}
	return ctx.Err()
}

func (s *warmShell) Differs(worker runtime.Command) string {
	if worker.Handover.(*agentv1.SparkDriver).GetHeapMib() != s.heap {
		return "it needs another heap"
	}
	return ""
}

func (s *warmShell) Begin(_ context.Context, worker runtime.Command) error {
	entryPoint := worker.Handover.(*agentv1.SparkDriver).GetEntryPoint()
	return os.WriteFile(filepath.Join(s.work, "go"), []byte(entryPoint+"\n"), 0)
}

func (s *warmShell) Close() {}

// warmSlot returns a slot for drivers with that heap.
func warmSlotFor(id string, heap int64) *agentv1.AssignedSlot {
	return &agentv1.AssignedSlot{
		SlotId: id, ApplicationId: "app", Type: "DRIVER", ReleaseLabel: "emr-7.2.0", MilliCpu: 1000, MemoryMib: 256,
		Program: &agentv1.AssignedSlot_SparkDriver{SparkDriver: &agentv1.SparkDriver{HeapMib: heap}},
	}
}

// inSlot returns a driver in a slot that runs a script.
func inSlot(id, slot, script string, heap int64) *agentv1.AssignedWorker {
	return &agentv1.AssignedWorker{
		WorkerId: id, Epoch: 1, JobRunId: "run", Attempt: 1, ApplicationId: "app", Type: "DRIVER", SlotId: slot,
		MilliCpu: 1000, MemoryMib: 256, ReleaseLabel: "emr-7.2.0", Desired: agentv1.Desired_DESIRED_RUN,
		Program: &agentv1.AssignedWorker_SparkDriver{SparkDriver: &agentv1.SparkDriver{EntryPoint: script, HeapMib: heap}},
	}
}

// warmAgent runs an agent that holds one slot for drivers of 100 MiB of heap, which is ready.
func warmAgent(t *testing.T, engine *warmEngine) (a *Agent, server *testServer, stop func()) {
	t.Helper()
	server, _ = serve(t)
	config := configFor(t, server)
	config.Releases, config.Warm, config.ReleaseDirs = newTestReleases(), true, []string{t.TempDir()}
	a, stop = run(t, config, Engines{Spark: engine})
	receive(t, "a registration", server.registers)
	server.assign(t, holding(1, warmSlotFor("s", 100)))
	if status := server.slotsOf(t, "s")["s"]; !status.GetReady() {
		t.Fatalf("the slot is %v", status)
	}
	return a, server, stop
}

// runs assigns a worker and returns what it was when it ran, and its stdout when it had ended.
func runs(
	t *testing.T,
	a *Agent,
	server *testServer,
	record uint64,
	w *agentv1.AssignedWorker,
) (*agentv1.WorkerStatus, string) {
	t.Helper()
	server.assign(t, &agentv1.Assignment{Term: 1, Record: record, Workers: []*agentv1.AssignedWorker{w}})
	status := server.statusOf(t, w.GetWorkerId(), agentv1.Phase_PHASE_ENDED)
	return status, string(a.runtime.Tail(w.GetWorkerId(), "stdout", 1000))
}

func TestWarmth_AWorkerTakesOverTheProcessThatWaits(t *testing.T) {
	engine := &warmEngine{}
	a, server, _ := warmAgent(t, engine)
	status, said := runs(t, a, server, 2, inSlot(idOf(t), "s", "echo hello; exit 3", 100))
	if status.GetStart() != agentv1.Start_START_WARM || status.GetStartNote() != "" || status.GetExitCode() != 3 ||
		said != "hello\n" {
		t.Errorf("the worker is %v and said %q, want a warm one that says hello and ends with 3", status, said)
	}
	eventually(t, "the slot is warmed again", func() bool { return len(engine.heaps()) == 2 })
	if status, said := runs(t, a, server, 3, inSlot(idOf(t)+"-2", "s", "echo again", 100)); said != "again\n" {
		t.Errorf("the second worker is %v and said %q", status, said)
	}
}

func TestWarmth_AWorkerThatNeedsAnotherProcessStartsColdAndSaysWhy(t *testing.T) {
	engine := &warmEngine{}
	a, server, _ := warmAgent(t, engine)
	status, said := runs(t, a, server, 2, inSlot(idOf(t), "s", "echo hello", 200))
	if status.GetStart() != agentv1.Start_START_COLD || status.GetStartNote() != "it needs another heap" ||
		said != "hello\n" {
		t.Errorf("the worker is %v and said %q", status, said)
	}
	eventually(t, "the slot is warmed for workers like that one", func() bool {
		heaps := engine.heaps()
		return len(heaps) == 2 && heaps[1] == 200
	})
}

func TestWarmth_AWorkerDoesNotWaitForARehearsal(t *testing.T) {
	engine := &warmEngine{gate: make(chan struct{})}
	server, _ := serve(t)
	config := configFor(t, server)
	config.Releases, config.Warm = newTestReleases(), true
	a, _ := run(t, config, Engines{Spark: engine})
	receive(t, "a registration", server.registers)
	server.assign(t, holding(1, warmSlotFor("s", 100)))
	eventually(t, "it rehearses", func() bool { return len(engine.heaps()) == 1 })
	status, said := runs(t, a, server, 2, inSlot(idOf(t), "s", "echo hello", 100))
	if status.GetStart() != agentv1.Start_START_COLD || !strings.Contains(status.GetStartNote(), "still being warmed") ||
		said != "hello\n" {
		t.Errorf("the worker is %v and said %q", status, said)
	}
	close(engine.gate)
}

func TestWarmth_ASlotWhoseProcessCannotBeWarmedIsReadyAndItsWorkersStartCold(t *testing.T) {
	a, server, _ := warmAgent(t, &warmEngine{broken: true})
	status, said := runs(t, a, server, 2, inSlot(idOf(t), "s", "echo hello", 100))
	if status.GetStart() != agentv1.Start_START_COLD || !strings.Contains(status.GetStartNote(), "it forgot its words") ||
		said != "hello\n" {
		t.Errorf("the worker is %v and said %q", status, said)
	}
}

func TestWarmth_AWorkerThatOutlivesItsNodesLeaseStartsCold(t *testing.T) {
	a, server, _ := warmAgent(t, &warmEngine{})
	keeps := inSlot(idOf(t), "s", "echo hello", 100)
	keeps.KeepOnDisconnect = true
	if status, said := runs(t, a, server, 2, keeps); status.GetStart() != agentv1.Start_START_COLD || said != "hello\n" {
		t.Errorf("the worker is %v and said %q", status, said)
	}
}

// waitingNow returns the directories of processes that wait.
func waitingNow(t *testing.T, a *Agent) (found []string) {
	t.Helper()
	entries, err := os.ReadDir(filepath.Join(a.config.DataDir, "workers"))
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		if strings.HasPrefix(entry.Name(), string(runtime.ForSlot)) && entry.IsDir() {
			found = append(found, entry.Name())
		}
	}
	return found
}

func TestWarmth_ASlotThatIsForgottenKeepsNoProcess(t *testing.T) {
	a, server, _ := warmAgent(t, &warmEngine{})
	if len(waitingNow(t, a)) != 1 {
		t.Fatalf("%v wait, want one", waitingNow(t, a))
	}
	server.assign(t, &agentv1.Assignment{Term: 1, Record: 2, ForgetSlots: []string{"s"}})
	eventually(t, "nothing waits", func() bool { return len(waitingNow(t, a)) == 0 })
}

func TestWarmth_AnAgentThatLeavesKeepsNothingWaiting(t *testing.T) {
	a, _, stop := warmAgent(t, &warmEngine{})
	stop()
	if left := waitingNow(t, a); len(left) != 0 {
		t.Errorf("%v wait for an agent that left", left)
	}
}

func TestWarmth_WhatAnAgentThatDiedLeftWaitingIsRemoved(t *testing.T) {
	server, _ := serve(t)
	config := configFor(t, server)
	held, err := runtime.New(runtimeConfig(config, nil))
	if err != nil {
		t.Fatal(err)
	}
	if err := held.MoveLease(runtime.Boottime() + runtime.Instant(patience)); err != nil {
		t.Fatal(err)
	}
	if _, err := held.MakeHome("waiting-x", runtime.HomeOptions{}); err != nil {
		t.Fatal(err)
	}
	waits := runtime.Command{Args: []string{"/bin/sh", "-c", "exec sleep 1000"}}
	if _, err := held.Start(runtime.Spec{ID: "waiting-x", Command: waits}); err != nil {
		t.Fatal(err)
	}
	held.Close()
	a, _ := run(t, config, Engines{})
	eventually(t, "nothing waits", func() bool { return len(waitingNow(t, a)) == 0 })
}

func TestWarmth_AProcessThatDiesWhileItWaitsIsNoticed(t *testing.T) {
	engine := &warmEngine{}
	a, server, _ := warmAgent(t, engine)
	begin := filepath.Join(a.config.DataDir, "homes", waitingNow(t, a)[0], "work", "go")
	if err := os.WriteFile(begin, []byte("exit 9\n"), 0); err != nil {
		t.Fatal(err)
	}
	eventually(t, "it is gone", func() bool { return len(waitingNow(t, a)) == 0 })
	status, said := runs(t, a, server, 2, inSlot(idOf(t), "s", "echo hello", 100))
	if status.GetStart() != agentv1.Start_START_COLD || !strings.Contains(status.GetStartNote(), "code 9") ||
		said != "hello\n" {
		t.Errorf("the worker is %v and said %q", status, said)
	}
}
