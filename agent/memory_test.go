package agent

import (
	"context"
	"fmt"
	"io"
	"net"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/test/bufconn"

	"github.com/headrace/headrace/agent/runtime"
	"github.com/headrace/headrace/agent/runtime/memory"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
)

// inMemory returns a server that is reached by memory, and the configuration of its agents on a machine in memory. All
// of it goes on virtual time.
func inMemory(t *testing.T, machine *memory.Machine) (*testServer, Config) {
	t.Helper()
	listener := bufconn.Listen(1 << 20)
	server, _ := serveOn(t, listener)
	config := configFor(t, server)
	config.Runtime = machine.Open()
	dial := func(ctx context.Context, _ string) (net.Conn, error) { return listener.DialContext(ctx) }
	config.DialOptions = []grpc.DialOption{grpc.WithContextDialer(dial)}
	return server, config
}

func TestMemory_ARealAgentRunsWhatAScriptSays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		engine := memory.NewEngine()
		machine := memory.NewMachine(memory.Config{Script: func(spec runtime.Spec) memory.Program {
			if memory.Assigned(spec).GetWorkerId() == "refused" {
				return memory.Refuses("no such file")
			}
			return memory.Exits(int32(memory.Assigned(spec).GetAttempt()), 10*time.Minute, "hello\n")
		}})
		defer machine.Close()
		server, config := inMemory(t, machine)
		_, stop := begun(t, config, Engines{Process: engine})
		defer stop()
		receive(t, "a registration", server.registers)
		began := time.Now()
		server.assign(t, complete(1, script("w", "")))
		server.statusOf(t, "w", agentv1.Phase_PHASE_RUNNING)
		server.assign(t, complete(2, script("w", ""), script("refused", "")))
		refused := server.statusOf(t, "refused", agentv1.Phase_PHASE_ENDED)
		if refused.GetExitReason() != agentv1.ExitReason_EXIT_REASON_FILE_NOT_FOUND {
			t.Errorf("who was refused ended as %v", refused)
		}
		var text string
		log := readLog(t, server, &agentv1.ReadLog{WorkerId: "w", Stream: "stdout"})
		if end := collect(t, log, &text, "all"); end.GetError() != "" || text != "hello\n" {
			t.Errorf("its log reads %q, %v", text, end)
		}
		if launch := describeWorker(t, server, "w"); launch.GetError() != "" || launch.GetDirectory() == "" {
			t.Errorf("it was started as %v", launch)
		}
		for newest := (*agentv1.WorkerStatus)(nil); newest.GetPhase() != agentv1.Phase_PHASE_ENDED; {
			for _, status := range (<-server.reports).GetWorkers() {
				newest = status
			}
		}
		if took := time.Since(began); took < 10*time.Minute || took > 10*time.Minute+time.Second {
			t.Errorf("what takes ten minutes took %s", took)
		}
		server.endData()
	})
}

func TestMemory_TheLeaseEndsWorkersInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		machine := memory.NewMachine(memory.Config{})
		defer machine.Close()
		server, config := inMemory(t, machine)
		a, stop := begun(t, config, Engines{Process: memory.NewEngine()})
		defer stop()
		receive(t, "a registration", server.registers)
		server.assign(t, complete(1, script("w", "")))
		server.statusOf(t, "w", agentv1.Phase_PHASE_RUNNING)
		server.set(func(s *testServer) { s.silent, s.refuses = true, true })
		silent := time.Now()
		for !a.fleet.Ended("w") {
			<-time.After(10 * time.Millisecond)
		}
		took, end := time.Since(silent), newest(a, "w")
		if took > 3*time.Second || end.GetExitReason() != agentv1.ExitReason_EXIT_REASON_LEASE_ENDED {
			t.Errorf("after %s of a lease of 3s it is %v", took, end)
		}
	})
}

func TestMemory_TheNextAgentFindsWhatTheLastOneLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		machine := memory.NewMachine(memory.Config{})
		defer machine.Close()
		server, config := inMemory(t, machine)
		engine := memory.NewEngine()
		_, stop := begun(t, config, Engines{Process: engine})
		first := receive(t, "a registration", server.registers)
		server.assign(t, complete(1, script("w", "")))
		server.statusOf(t, "w", agentv1.Phase_PHASE_RUNNING)
		stop()
		config.Runtime = machine.Open()
		_, stop = begun(t, config, Engines{Process: engine})
		defer stop()
		second := receive(t, "a second registration", server.registers)
		if second.GetNodeId() != first.GetNodeId() || second.GetBootId() != first.GetBootId() {
			t.Errorf("the node is another one: %v", second)
		}
		if found := second.GetInventory(); len(found) != 1 || found[0].GetPhase() != agentv1.Phase_PHASE_RUNNING {
			t.Errorf("the inventory is %v", found)
		}
		server.assign(t, complete(2, stopped(script("w", ""))))
		end := server.statusOf(t, "w", agentv1.Phase_PHASE_ENDED)
		if end.GetExitReason() != agentv1.ExitReason_EXIT_REASON_STOPPED || end.GetExitCode() != 143 {
			t.Errorf("the end is %v", end)
		}
	})
}

// An engine that needs the agent is made with what the agent does for it, and needs no agent that is made later.
func TestBuild_GivesEnginesWhatTheyNeed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		machine := memory.NewMachine(memory.Config{})
		defer machine.Close()
		server, config := inMemory(t, machine)
		config.ReleaseDirs = []string{t.TempDir()}
		var services Services
		a, err := Build(config, func(s Services) Engines {
			services = s
			return Engines{Spark: memory.NewEngine()}
		})
		if err != nil {
			t.Fatal(err)
		}
		if services.Store.Root() != config.ReleaseDirs[0] || services.Programs != Programs(config.Runtime) {
			t.Errorf("the engine has the releases of %s", services.Store.Root())
		}
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { ended <- a.Run(ctx) }()
		receive(t, "a registration", server.registers)
		server.set(func(s *testServer) { s.archive = []byte("archive") })
		archive, err := services.OpenRelease(ctx, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		if content, err := io.ReadAll(archive); err != nil || string(content) != "archive" || archive.Close() != nil {
			t.Errorf("the archive is %q, %v", content, err)
		}
		server.assign(t, complete(1, sparkDriver(t)))
		server.statusOf(t, sparkDriver(t).GetWorkerId(), agentv1.Phase_PHASE_RUNNING)
		services.SetDemand(&agentv1.Demand{JobRunId: "run", Attempt: 3, Target: 7})
		if demand := receive(t, "a demand", server.demands); demand.GetTarget() != 7 {
			t.Errorf("the leader was told %v", demand)
		}
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

// Hundreds of real agents fit into a process, each with a worker.
func TestMemory_ManyAgentsRunInOneProcess(t *testing.T) {
	const many = 300
	synctest.Test(t, func(t *testing.T) {
		crowd := newCrowd(t)
		root := t.TempDir()
		var stops []func()
		for i := range many {
			machine := memory.NewMachine(memory.Config{})
			defer machine.Close()
			config := DefaultConfig()
			config.DataDir = filepath.Join(root, fmt.Sprint(i))
			config.NodeName = fmt.Sprint("n-", i)
			config.Zone = "z-1"
			config.Host = "127.0.0.1"
			config.Servers = []string{crowd.address}
			config.DialOptions = crowd.dial
			config.DiskFullPercent = 100
			config.LeaveLease = 0
			config.Logger = crowd.logger
			config.Runtime = machine.Open()
			_, stop := begun(t, config, Engines{Process: memory.NewEngine()})
			stops = append(stops, stop)
		}
		for crowd.running() < many {
			<-time.After(time.Second)
		}
		for _, stop := range stops {
			stop()
		}
	})
}
