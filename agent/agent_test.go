package agent

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/headrace/headrace/agent/disk"
	"github.com/headrace/headrace/agent/durable"
	"github.com/headrace/headrace/agent/process"
	"github.com/headrace/headrace/agent/runtime"
	"github.com/headrace/headrace/internal/errs"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
)

// patience bounds every wait of these tests.
const patience = 2 * time.Minute

// receive returns the next value of a channel.
func receive[T any](t *testing.T, what string, from <-chan T) T {
	t.Helper()
	select {
	case value := <-from:
		return value
	case <-time.After(patience):
		t.Fatalf("never: %s", what)
		panic("unreachable")
	}
}

// eventually polls for a condition.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(patience); !holds(); <-tick.C {
		if time.Now().After(deadline) {
			t.Fatalf("never: %s", what)
		}
	}
}

// statusOf waits for a report that tells a phase of a worker.
func (s *testServer) statusOf(t *testing.T, id string, phase agentv1.Phase) *agentv1.WorkerStatus {
	t.Helper()
	for {
		for _, status := range receive(t, fmt.Sprint(id, " reported ", phase), s.reports).GetWorkers() {
			if status.GetWorkerId() == id && status.GetPhase() == phase {
				return status
			}
		}
	}
}

// configFor returns the configuration of an agent of that server.
func configFor(t *testing.T, s *testServer) Config {
	t.Helper()
	config := DefaultConfig()
	config.DataDir, config.NodeName, config.Zone, config.Host = t.TempDir(), "n-1", "z-1", "127.0.0.1"
	config.Servers, config.DiskFullPercent = []string{s.address}, 100
	config.Logger = slog.New(slog.NewTextHandler(testWriter{t}, nil))
	return config
}

// newest returns the newest status of a worker; nil: the agent does not know it.
func newest(a *Agent, id string) *agentv1.WorkerStatus {
	for _, status := range a.fleet.Inventory() {
		if status.GetWorkerId() == id {
			return status
		}
	}
	return nil
}

// testWriter writes to the test's log.
type testWriter struct{ t *testing.T }

func (w testWriter) Write(p []byte) (int, error) {
	w.t.Log(strings.TrimSpace(string(p)))
	return len(p), nil
}

// testEngine runs shell scripts for Spark programs and notes what it is told.
type testEngine struct {
	mu     sync.Mutex
	calls  []string
	fails  error
	slow   bool  // Prepare takes as long as it may
	lonely error // of Attach
}

func (e *testEngine) note(format string, args ...any) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.calls = append(e.calls, fmt.Sprintf(format, args...))
}

func (e *testEngine) noted() string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return strings.Join(e.calls, " ")
}

func (e *testEngine) Prepare(ctx context.Context, _ *agentv1.AssignedWorker, _ *runtime.Home) (runtime.Command, error) {
	e.note("prepare")
	if e.slow {
		<-ctx.Done()
		return runtime.Command{}, ctx.Err()
	}
	return runtime.Command{Args: []string{"/bin/sh", "-c", "exec sleep 1000"}}, e.fails
}

func (e *testEngine) Attach(*agentv1.AssignedWorker, *runtime.Home) error {
	e.note("attach")
	return e.lonely
}

func (e *testEngine) Update(w *agentv1.AssignedWorker) { e.note("update(%d)", len(w.GetEndedPeers())) }

func (e *testEngine) Detach(string) { e.note("detach") }

// run starts an agent. stop, which the test's end calls too, waits for its return.
func run(t *testing.T, config Config, engines Engines) (a *Agent, stop func()) {
	t.Helper()
	engines.Process = process.Engine{}
	t.Cleanup(func() { stopLeft(t, config) }) // after stop
	return begun(t, config, engines)
}

// begun starts an agent, and leaves its workers to their machine.
func begun(t *testing.T, config Config, engines Engines) (a *Agent, stop func()) {
	t.Helper()
	a, err := New(config, engines)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- a.Run(ctx) }()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := receive(t, "the agent returned", ended); err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(stop)
	return a, stop
}

// stopLeft stops the workers that an agent left.
func stopLeft(t *testing.T, config Config) {
	t.Helper()
	r, err := runtime.New(runtimeConfig(config, nil))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	left, err := r.Adopt()
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range left {
		if err := w.Stop(runtime.Stopped, 0); err != nil {
			t.Error(err)
		}
		receive(t, "a worker that was left ended", w.Done())
	}
}

// idOf returns a worker id that no other process uses.
func idOf(t *testing.T) string { return fmt.Sprintf("%s-%d", t.Name(), os.Getpid()) }

// script returns a worker of the PROCESS engine.
func script(id, source string) *agentv1.AssignedWorker {
	return &agentv1.AssignedWorker{
		WorkerId: id, Epoch: 2, JobRunId: "run", Attempt: 1, ApplicationId: "app", Type: "DRIVER",
		MilliCpu: 1000, MemoryMib: 256,
		Desired: agentv1.Desired_DESIRED_RUN, GraceSeconds: 5,
		Program: &agentv1.AssignedWorker_Process{Process: &agentv1.ProcessProgram{Command: []string{"sh", "-c", source}}},
	}
}

// complete returns a complete assignment.
func complete(record uint64, workers ...*agentv1.AssignedWorker) *agentv1.Assignment {
	return &agentv1.Assignment{Term: 1, Record: record, Complete: true, Workers: workers}
}

// stopped returns a worker that the server wants to stop.
func stopped(w *agentv1.AssignedWorker) *agentv1.AssignedWorker {
	w.Desired = agentv1.Desired_DESIRED_STOP
	return w
}

func TestAgent_RunsWhatItIsAssignedAndForgetsItsEnd(t *testing.T) {
	server, _ := serve(t)
	run(t, configFor(t, server), Engines{})
	hello := receive(t, "a registration", server.registers)
	if hello.GetNodeId() == "" || hello.GetMilliCpu() == 0 || hello.GetMemoryMib() == 0 || hello.GetDiskMib() == 0 {
		t.Errorf("the node says too little of itself: %v", hello)
	}
	id := idOf(t)
	told := filepath.Join(t.TempDir(), "told") // that it runs: the agent tells the newest status only
	server.assign(t, complete(1, script(id, "until test -e "+told+"; do sleep 0.01; done; echo oops >&2; exit 3")))
	if running := server.statusOf(t, id, agentv1.Phase_PHASE_RUNNING); running.GetEpoch() != 2 {
		t.Errorf("running is %v, want epoch 2", running)
	}
	if err := os.WriteFile(told, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	end := server.statusOf(t, id, agentv1.Phase_PHASE_ENDED)
	if end.GetExitReason() != agentv1.ExitReason_EXIT_REASON_EXITED || end.GetExitCode() != 3 ||
		end.GetMessage() != "oops\n" {
		t.Errorf("the end is %v", end)
	}
	server.cut()
	if again := receive(t, "a second registration", server.registers); len(again.GetInventory()) != 1 {
		t.Errorf("the inventory is %v, want the end that nobody has forgotten", again.GetInventory())
	}
	server.assign(t, &agentv1.Assignment{Term: 1, Record: 2, Complete: true, Forget: []string{id}})
	for again := hello; ; {
		server.cut()
		if again = receive(t, "another registration", server.registers); len(again.GetInventory()) == 0 {
			return
		}
	}
}

func TestAgent_StopsWhatTheServerDoesNotWant(t *testing.T) {
	server, _ := serve(t)
	run(t, configFor(t, server), Engines{})
	receive(t, "a registration", server.registers)
	asked, unnamed, fenced := idOf(t)+"-asked", idOf(t)+"-unnamed", idOf(t)+"-fenced"
	const forever = "exec sleep 1000"
	server.assign(t, complete(1, script(asked, forever), script(unnamed, forever), script(fenced, forever)))
	eventually(t, "all run", func() bool { return running(server, asked, unnamed, fenced) })
	server.sendNow(t, &agentv1.SessionResponse{Message: &agentv1.SessionResponse_Fence{
		Fence: &agentv1.Fence{WorkerIds: []string{fenced}, Reason: "nobody knows it"},
	}})
	server.assign(t, complete(2, stopped(script(asked, forever))))
	ends := map[string]agentv1.ExitReason{}
	eventually(t, "all ended", func() bool {
		for _, status := range receive(t, "a report", server.reports).GetWorkers() {
			ends[status.GetWorkerId()] = status.GetExitReason()
		}
		return ends[asked] != 0 && ends[unnamed] != 0
	})
	for id, reason := range ends {
		if reason != agentv1.ExitReason_EXIT_REASON_STOPPED {
			t.Errorf("%s ended by %v, want stopped", id, reason)
		}
	}
}

// running collects reports until all those workers run.
func running(s *testServer, ids ...string) bool {
	seen := map[string]bool{}
	for report := range s.reports {
		for _, status := range report.GetWorkers() {
			seen[status.GetWorkerId()] = true
		}
		if len(seen) == len(ids) {
			return true
		}
	}
	return false
}

func TestSession_TellsAgainWhatWasNotAcknowledged(t *testing.T) {
	server, _ := serve(t)
	server.set(func(s *testServer) {
		shortLease(s)
		s.acknowledges = false
	})
	run(t, configFor(t, server), Engines{})
	receive(t, "a registration", server.registers)
	id := idOf(t)
	server.assign(t, complete(1, script(id, "exec sleep 1000")))
	server.statusOf(t, id, agentv1.Phase_PHASE_RUNNING)
	server.statusOf(t, id, agentv1.Phase_PHASE_RUNNING) // in the same session, after a while
	server.cut()
	found := receive(t, "a second registration", server.registers).GetInventory()
	if len(found) != 1 || found[0].GetPhase() != agentv1.Phase_PHASE_RUNNING {
		t.Errorf("the inventory is %v", found)
	}
	if report := receive(t, "a report", server.reports); report.GetNumber() != 1 || len(report.GetWorkers()) != 1 {
		t.Errorf("the new session began with report %v", report)
	}
}

func TestSession_IgnoresOlderAndEarlyAssignments(t *testing.T) {
	server, _ := serve(t)
	server.set(func(s *testServer) { s.term = 5 })
	run(t, configFor(t, server), Engines{})
	receive(t, "a registration", server.registers)
	early, older, newest := idOf(t)+"-early", idOf(t)+"-older", idOf(t)+"-newest"
	server.assign(t, &agentv1.Assignment{Term: 5, Record: 9, Workers: []*agentv1.AssignedWorker{script(early, "true")}})
	server.assign(t, &agentv1.Assignment{Term: 5, Record: 10, Complete: true})
	server.assign(t, &agentv1.Assignment{Term: 5, Record: 8, Workers: []*agentv1.AssignedWorker{script(older, "true")}})
	server.assign(t, &agentv1.Assignment{Term: 4, Record: 99, Workers: []*agentv1.AssignedWorker{script(older, "true")}})
	last := script(newest, "exec sleep 1000")
	server.assign(t, &agentv1.Assignment{Term: 5, Record: 11, Workers: []*agentv1.AssignedWorker{last}})
	server.statusOf(t, newest, agentv1.Phase_PHASE_RUNNING)
	server.cut()
	if hello := receive(t, "a second registration", server.registers); len(hello.GetInventory()) != 1 {
		t.Errorf("the inventory is %v, want the newest worker alone", hello.GetInventory())
	}
}

func TestAgent_HoldsAnExecutorUntilItsProgramIsKnown(t *testing.T) {
	server, _ := serve(t)
	engine := &testEngine{}
	run(t, configFor(t, server), Engines{Spark: engine})
	receive(t, "a registration", server.registers)
	executor := &agentv1.AssignedWorker{WorkerId: idOf(t), JobRunId: "run", Type: "EXECUTOR", Number: 1}
	server.assign(t, complete(1, executor))
	eventually(t, "the inventory has it", func() bool {
		server.cut()
		inventory := receive(t, "a registration", server.registers).GetInventory()
		return len(inventory) == 1 && inventory[0].GetPhase() == agentv1.Phase_PHASE_PREPARING
	})
	if engine.noted() != "" {
		t.Fatalf("the engine was asked too early: %s", engine.noted())
	}
	executor.Program = &agentv1.AssignedWorker_SparkExecutor{SparkExecutor: &agentv1.SparkExecutor{Cores: 4}}
	server.assign(t, complete(2, executor))
	server.statusOf(t, executor.GetWorkerId(), agentv1.Phase_PHASE_RUNNING)
	executor.EndedPeers = []*agentv1.EndedPeer{{Number: 2}}
	server.assign(t, &agentv1.Assignment{Term: 1, Record: 3, Workers: []*agentv1.AssignedWorker{executor}})
	server.assign(t, complete(4, stopped(executor)))
	server.statusOf(t, executor.GetWorkerId(), agentv1.Phase_PHASE_ENDED)
	if got := engine.noted(); !strings.HasPrefix(got, "prepare attach update(1) ") || !strings.HasSuffix(got, " detach") {
		t.Errorf("the engine was told %q", got)
	}
}

func TestAgent_TellsWhyAnEngineCannotStart(t *testing.T) {
	driver := sparkDriver(t)
	for _, reason := range []agentv1.ExitReason{
		agentv1.ExitReason_EXIT_REASON_FILE_NOT_FOUND,
		agentv1.ExitReason_EXIT_REASON_ACCESS_DENIED,
		agentv1.ExitReason_EXIT_REASON_START_REFUSED,
	} {
		t.Run(reason.String(), func(t *testing.T) {
			server, _ := serve(t)
			cannot := &StartError{Reason: reason, Message: "cannot read file:///no/such"}
			config := configFor(t, server)
			run(t, config, Engines{Spark: &testEngine{fails: cannot}})
			receive(t, "a registration", server.registers)
			server.assign(t, complete(1, driver))
			end := server.statusOf(t, driver.GetWorkerId(), agentv1.Phase_PHASE_ENDED)
			if end.GetExitReason() != cannot.Reason || end.GetMessage() != cannot.Message {
				t.Errorf("the end is %v", end)
			}
			said, err := os.ReadFile(filepath.Join(config.DataDir, "logs/applications/application/jobs/run/SPARK_DRIVER/stderr"))
			if err != nil || strings.TrimSpace(string(said)) != cannot.Message {
				t.Errorf("its stderr has %q, %v", said, err)
			}
		})
	}
}

// sparkDriver returns a worker of the Spark engine.
func sparkDriver(t *testing.T) *agentv1.AssignedWorker {
	return &agentv1.AssignedWorker{
		WorkerId: idOf(t), Epoch: 4, ApplicationId: "application", JobRunId: "run", Attempt: 3, Type: "DRIVER",
		Program: &agentv1.AssignedWorker_SparkDriver{SparkDriver: &agentv1.SparkDriver{}},
	}
}

func TestAgent_StopsAWorkerThatIsStillPrepared(t *testing.T) {
	server, _ := serve(t)
	engine := &testEngine{slow: true}
	run(t, configFor(t, server), Engines{Spark: engine})
	receive(t, "a registration", server.registers)
	driver := sparkDriver(t)
	server.assign(t, complete(1, driver))
	eventually(t, "the engine prepares it", func() bool { return engine.noted() == "prepare" })
	server.assign(t, complete(2, stopped(driver)))
	end := server.statusOf(t, driver.GetWorkerId(), agentv1.Phase_PHASE_ENDED)
	if end.GetExitReason() != agentv1.ExitReason_EXIT_REASON_STOPPED || engine.noted() != "prepare detach" {
		t.Errorf("the end is %v, the engine was told %q", end, engine.noted())
	}
}

func TestAgent_StopsAWorkerThatItsEngineCannotAccompany(t *testing.T) {
	server, _ := serve(t)
	run(t, configFor(t, server), Engines{Spark: &testEngine{lonely: errors.New("no socket")}})
	receive(t, "a registration", server.registers)
	driver := sparkDriver(t)
	server.assign(t, complete(1, driver))
	end := server.statusOf(t, driver.GetWorkerId(), agentv1.Phase_PHASE_ENDED)
	if end.GetExitReason() != agentv1.ExitReason_EXIT_REASON_START_REFUSED ||
		!strings.Contains(end.GetMessage(), "no socket") {
		t.Errorf("the end is %v", end)
	}
}

// A driver may want too much in a loop: its agent says so once.
func TestAgent_LogsWhatIsTooMuchOnce(t *testing.T) {
	server, _ := serve(t)
	config := configFor(t, server)
	var said lockedBuffer
	config.Logger = slog.New(slog.NewTextHandler(&said, nil))
	a, _ := run(t, config, Engines{Spark: &testEngine{}})
	receive(t, "a registration", server.registers)
	driver := sparkDriver(t)
	server.assign(t, complete(1, driver))
	server.statusOf(t, driver.GetWorkerId(), agentv1.Phase_PHASE_RUNNING)
	for range 100 {
		a.SetDemand(&agentv1.Demand{
			JobRunId: "run",
			Attempt:  3,
			Launch:   &agentv1.ExecutorLaunch{DriverUrl: strings.Repeat("x", 64<<10)},
		})
	}
	if got := strings.Count(said.String(), "more than can be passed on"); got != 1 {
		t.Errorf("%d lines were logged, want 1", got)
	}
}

// An operator who reads the logs of all agents together sees whose line each is, of engines too.
func TestAgent_MessagesNameTheNode(t *testing.T) {
	server, _ := serve(t)
	config := configFor(t, server)
	var said lockedBuffer
	config.Logger = slog.New(slog.NewTextHandler(&said, nil))
	a, err := Build(config, func(services Services) Engines {
		services.Logger.Info("of an engine")
		return Engines{}
	})
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	ctx, cancel := context.WithCancel(t.Context())
	go func() { done <- a.Run(ctx) }()
	receive(t, "a registration", server.registers)
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
	name := "node=n-1 node_id=" + a.NodeID()
	for line := range strings.Lines(said.String()) {
		if !strings.Contains(line, name) {
			t.Errorf("logged %q, which does not say %s", line, name)
		}
	}
	if !strings.Contains(said.String(), "of an engine") {
		t.Errorf("logged %q", said.String())
	}
}

// lockedBuffer may be written by many goroutines.
type lockedBuffer struct {
	mu   sync.Mutex
	text strings.Builder
}

func (b *lockedBuffer) Write(text []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(text)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

func TestAgent_SendsDemandsAgainUntilTheDriverEnds(t *testing.T) {
	server, _ := serve(t)
	a, _ := run(t, configFor(t, server), Engines{Spark: &testEngine{}})
	receive(t, "a registration", server.registers)
	driver := sparkDriver(t)
	server.assign(t, complete(1, driver))
	server.statusOf(t, driver.GetWorkerId(), agentv1.Phase_PHASE_RUNNING)
	a.SetDemand(&agentv1.Demand{JobRunId: "run", Attempt: 3, Target: 1})
	a.SetDemand(&agentv1.Demand{JobRunId: "another", Attempt: 3, Target: 9})
	for receive(t, "a demand", server.demands).GetTarget() != 1 {
	}
	a.SetDemand(&agentv1.Demand{JobRunId: "run", Attempt: 3, Target: 2})
	for receive(t, "a newer demand", server.demands).GetTarget() != 2 {
	}
	server.cut()
	if again := receive(t, "the demand again", server.demands); again.GetTarget() != 2 || again.GetJobRunId() != "run" {
		t.Errorf("the new session was told %v", again)
	}
	receive(t, "a second registration", server.registers)
	server.assign(t, complete(2, stopped(driver)))
	server.statusOf(t, driver.GetWorkerId(), agentv1.Phase_PHASE_ENDED)
	a.demands.Restart()
	if left, wait := a.demands.Take(time.Now()); left != nil || wait != 0 {
		t.Errorf("a demand is left of drivers that ended: %v, to be told in %s", left, wait)
	}
}

func TestAgent_LeavesWorkersToTheNextAgent(t *testing.T) {
	server, _ := serve(t)
	config := configFor(t, server)
	leaving, stop := run(t, config, Engines{Spark: &testEngine{}})
	first := receive(t, "a registration", server.registers)
	driver := sparkDriver(t)
	server.assign(t, complete(1, driver))
	server.statusOf(t, driver.GetWorkerId(), agentv1.Phase_PHASE_RUNNING)
	stop()
	wanted := config.LeaveLease.Milliseconds()
	for receive(t, "a demand for a longer lease", server.renews).GetWantedMilliseconds() != wanted {
	}
	if left := leaving.runtime.LeaseDeadline().Sub(runtime.Boottime()); left < config.LeaveLease/2 {
		t.Errorf("the lease left is %v, want about %v", left, config.LeaveLease)
	}
	engine := &testEngine{}
	run(t, config, Engines{Spark: engine})
	second := receive(t, "a second registration", server.registers)
	if second.GetNodeId() != first.GetNodeId() {
		t.Errorf("the node is %s, was %s", second.GetNodeId(), first.GetNodeId())
	}
	found := second.GetInventory()
	if len(found) != 1 || found[0].GetPhase() != agentv1.Phase_PHASE_RUNNING || found[0].GetEpoch() != 4 {
		t.Errorf("the inventory is %v", found)
	}
	if engine.noted() != "attach" {
		t.Errorf("the engine was told %q", engine.noted())
	}
	server.assign(t, complete(2, stopped(driver)))
	end := server.statusOf(t, driver.GetWorkerId(), agentv1.Phase_PHASE_ENDED)
	if end.GetEpoch() != 4 || end.GetExitCode() != 143 {
		t.Errorf("the end is %v", end)
	}
}

func TestAgent_StopsWorkersWhenItIsToldTo(t *testing.T) {
	server, _ := serve(t)
	config := configFor(t, server)
	config.StopWorkers = true
	a, stop := run(t, config, Engines{})
	receive(t, "a registration", server.registers)
	id := idOf(t)
	server.assign(t, complete(1, script(id, "exec sleep 1000")))
	server.statusOf(t, id, agentv1.Phase_PHASE_RUNNING)
	stop()
	if end := newest(a, id); !a.fleet.Ended(id) || end.GetExitReason() != agentv1.ExitReason_EXIT_REASON_STOPPED {
		t.Errorf("the worker was left with %v", end)
	}
}

func TestAgent_HasItsDataDirectoryForItself(t *testing.T) {
	server, _ := serve(t)
	config := configFor(t, server)
	run(t, config, Engines{})
	receive(t, "a registration", server.registers)
	second, err := New(config, Engines{})
	if err != nil {
		t.Fatal(err)
	}
	if err := second.Run(t.Context()); !errs.Is(err, errs.WrongState) {
		t.Errorf("a second agent in the same directory gave %v", err)
	}
}

func TestConfig_NamesTheFieldThatIsWrong(t *testing.T) {
	server, _ := serve(t)
	for field, change := range map[string]func(*Config){
		"data_dir":          func(c *Config) { c.DataDir = "" },
		"zone":              func(c *Config) { c.Zone = "" },
		"host":              func(c *Config) { c.Host = "" },
		"servers":           func(c *Config) { c.Servers = nil },
		"capacity":          func(c *Config) { c.DiskMiB = -1 },
		"disk_full_percent": func(c *Config) { c.DiskFullPercent = 0 },
	} {
		config := configFor(t, server)
		change(&config)
		if _, err := New(config, Engines{}); !errs.Is(err, errs.Invalid) || !strings.HasPrefix(err.Error(), field+": ") {
			t.Errorf("a wrong %s gave %v", field, err)
		}
	}
}

func TestAgent_RefusesStartsOnAFullDisk(t *testing.T) {
	server, _ := serve(t)
	config := configFor(t, server)
	config.DiskFullPercent = 1
	if use, err := disk.Of(config.DataDir); err != nil || use.Percent <= 1 {
		t.Skipf("the disk is %d%% full, which is too empty to be full (%v)", use.Percent, err)
	}
	run(t, config, Engines{})
	receive(t, "a registration", server.registers)
	server.assign(t, complete(1, script(idOf(t), "true")))
	end := server.statusOf(t, idOf(t), agentv1.Phase_PHASE_ENDED)
	if end.GetExitReason() != agentv1.ExitReason_EXIT_REASON_START_REFUSED ||
		!strings.Contains(end.GetMessage(), "the limit is 1%") {
		t.Errorf("the end is %v", end)
	}
}

func TestAgent_TellsNewReleases(t *testing.T) {
	server, _ := serve(t)
	config := configFor(t, server)
	config.ReleaseDirs = []string{t.TempDir()}
	run(t, config, Engines{})
	if hello := receive(t, "a registration", server.registers); len(hello.GetReleases()) != 0 {
		t.Errorf("the node says that it holds %v", hello.GetReleases())
	}
	dir := filepath.Join(config.ReleaseDirs[0], "emr-7.2.0")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	manifest := `{"label":"emr-7.2.0","engine":"spark","engine_version":"3.5.1","spark_home":"spark"}`
	if err := durable.Store(filepath.Join(dir, "release.json"), json.RawMessage(manifest)); err != nil {
		t.Fatal(err)
	}
	if told := receive(t, "a report", server.reports).GetReleases().GetLabels(); len(told) != 1 || told[0] != "emr-7.2.0" {
		t.Errorf("told were %v", told)
	}
}

// knowingEngine knows what its workers run on.
type knowingEngine struct{ testEngine }

func (*knowingEngine) Runtimes() (java []uint32, python string) { return []uint32{8, 17}, "3.11.4" }

func TestAgent_TellsWhatItsWorkersCanRunOn(t *testing.T) {
	server, _ := serve(t)
	run(t, configFor(t, server), Engines{Spark: &knowingEngine{}})
	hello := receive(t, "a registration", server.registers)
	if !slices.Equal(hello.GetJavaVersions(), []uint32{8, 17}) || hello.GetPythonVersion() != "3.11.4" {
		t.Errorf("the node says that it has Java %v and Python %q", hello.GetJavaVersions(), hello.GetPythonVersion())
	}
}

func TestOpenRelease_ReadsFromTheServerThatHasIt(t *testing.T) {
	without, _ := serve(t)
	with, _ := serve(t)
	with.set(func(s *testServer) { s.archive = []byte("archive") })
	config := configFor(t, without)
	config.Servers = []string{without.address, with.address}
	a, err := New(config, Engines{})
	if err != nil {
		t.Fatal(err)
	}
	opened, err := a.OpenRelease(t.Context(), []byte("digest"), 2)
	if err != nil {
		t.Fatal(err)
	}
	content, err := io.ReadAll(opened)
	if err != nil || !bytes.Equal(content, []byte("chive")) {
		t.Errorf("read %q, %v", content, err)
	}
	if err := opened.Close(); err != nil {
		t.Error(err)
	}
	with.set(func(s *testServer) {
		if !slices.Equal(s.callers, []string{a.NodeID()}) {
			t.Errorf("node %s called itself %v", a.NodeID(), s.callers)
		}
	})
}

// spark-submit prints all that a Python driver says to its own stdout.
func TestAgent_TellsTheTracebackOfAPythonDriver(t *testing.T) {
	server, _ := serve(t)
	run(t, configFor(t, server), Engines{})
	receive(t, "a registration", server.registers)
	w := script(idOf(t), "echo 'Traceback (most recent call last):'; "+
		"echo 'ModuleNotFoundError: No module named x'; echo bye >&2; exit 1")
	server.assign(t, complete(1, w))
	end := server.statusOf(t, w.GetWorkerId(), agentv1.Phase_PHASE_ENDED)
	if !strings.Contains(end.GetMessage(), "bye\n\nTraceback") ||
		!strings.Contains(end.GetMessage(), "No module named x") {
		t.Errorf("the end is %v", end)
	}
}
