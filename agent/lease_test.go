package agent

import (
	"testing"
	"time"

	"github.com/headrace/headrace/agent/runtime"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
)

// shortLease makes leases that tests can outlast.
func shortLease(s *testServer) { s.leaseMillis = 1500 }

// outlasted waits until the lease was moved so often that the first one must be over.
func outlasted(t *testing.T, a *Agent) {
	t.Helper()
	over := a.runtime.LeaseDeadline().Add(time.Second)
	eventually(t, "the lease was moved beyond its end", func() bool {
		return a.runtime.LeaseDeadline() > over && runtime.Boottime() > over
	})
}

func TestLease_GoesOnWhileTheClusterIsProvablyLeaderless(t *testing.T) {
	for name, fall := range map[string]func(s *testServer, stop func()){
		"no leader": func(s *testServer, _ func()) {
			s.set(func(s *testServer) { s.leader, s.refuses = "", true })
			s.cut()
		},
		"refused": func(_ *testServer, stop func()) { stop() },
	} {
		t.Run(name, func(t *testing.T) {
			server, stop := serve(t)
			server.set(shortLease)
			a, _ := run(t, configFor(t, server), Engines{})
			receive(t, "a registration", server.registers)
			id := "keeps-" + name + "-" + idOf(t)[len(idOf(t))-5:]
			server.assign(t, complete(1, script(id, "exec sleep 1000")))
			server.statusOf(t, id, agentv1.Phase_PHASE_RUNNING)
			fall(server, stop)
			outlasted(t, a)
			if status := newest(a, id); status.GetPhase() != agentv1.Phase_PHASE_RUNNING {
				t.Errorf("the worker is %v", status)
			}
		})
	}
}

func TestLease_GoesOnWithoutALeaderOverAnAgentsRestart(t *testing.T) {
	server, stopServer := serve(t)
	server.set(shortLease)
	config := configFor(t, server)
	config.LeaveLease = 0 // as when it is killed
	_, stop := run(t, config, Engines{})
	receive(t, "a registration", server.registers)
	id := idOf(t)
	server.assign(t, complete(1, script(id, "exec sleep 1000")))
	server.statusOf(t, id, agentv1.Phase_PHASE_RUNNING)
	stop()
	stopServer()
	next, _ := run(t, config, Engines{})
	outlasted(t, next)
	if status := newest(next, id); status.GetPhase() != agentv1.Phase_PHASE_RUNNING {
		t.Errorf("the worker is %v", status)
	}
}

func TestLease_EndsWorkersThatCannotProveIt(t *testing.T) {
	server, _ := serve(t)
	server.set(shortLease)
	a, _ := run(t, configFor(t, server), Engines{})
	receive(t, "a registration", server.registers)
	id, keeper := idOf(t)+"-ends", idOf(t)+"-keeps"
	keeps := script(keeper, "exec sleep 1000")
	keeps.KeepOnDisconnect = true
	server.assign(t, complete(1, script(id, "exec sleep 1000"), keeps))
	eventually(t, "both run", func() bool { return running(server, id, keeper) })
	server.set(func(s *testServer) { s.refuses = true }) // it still says that it leads
	server.cut()
	eventually(t, "the worker ended", func() bool { return a.fleet.Ended(id) })
	if runtime.Boottime() > a.runtime.LeaseDeadline() {
		t.Error("the worker ended only after its lease")
	}
	server.set(func(s *testServer) { s.refuses = false })
	end := server.statusOf(t, id, agentv1.Phase_PHASE_ENDED)
	if end.GetExitReason() != agentv1.ExitReason_EXIT_REASON_LEASE_ENDED {
		t.Errorf("the end is %v", end)
	}
	if status := newest(a, keeper); status.GetPhase() != agentv1.Phase_PHASE_RUNNING {
		t.Errorf("the worker that goes on without a lease is %v", status)
	}
}

func TestSession_BreaksWhenTheLeaderIsSilent(t *testing.T) {
	server, _ := serve(t)
	server.set(func(s *testServer) {
		shortLease(s)
		s.silent = true
	})
	run(t, configFor(t, server), Engines{})
	receive(t, "a registration", server.registers)
	receive(t, "a second registration", server.registers)
}
