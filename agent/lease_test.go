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
			if status := a.fleet.find(id).newest(); status.GetPhase() != agentv1.Phase_PHASE_RUNNING {
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
	if status := next.fleet.find(id).newest(); status.GetPhase() != agentv1.Phase_PHASE_RUNNING {
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
	w := a.fleet.find(id)
	receive(t, "the worker ended", w.gone)
	if runtime.Boottime() > a.runtime.LeaseDeadline() {
		t.Error("the worker ended only after its lease")
	}
	server.set(func(s *testServer) { s.refuses = false })
	if end := server.statusOf(t, id, agentv1.Phase_PHASE_ENDED); end.GetExitReason() != agentv1.ExitReason_EXIT_REASON_LEASE_ENDED {
		t.Errorf("the end is %v", end)
	}
	if status := a.fleet.find(keeper).newest(); status.GetPhase() != agentv1.Phase_PHASE_RUNNING {
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

func TestLease_CountsFromWhenItWasAskedFor(t *testing.T) {
	var moved []runtime.Instant
	l := newLease(time.Second, 0, func(to runtime.Instant) error {
		moved = append(moved, to)
		return nil
	})
	if l.stands() {
		t.Error("a lease that nobody granted stands")
	}
	sent := runtime.Boottime()
	for _, length := range []time.Duration{time.Minute, 10 * time.Second} { // a leader's newest word counts, also when it is less
		if err := l.granted(sent, length); err != nil {
			t.Fatal(err)
		}
	}
	for _, deadline := range []runtime.Instant{sent, sent.Add(time.Hour)} { // proof only moves it forward
		if err := l.proven(deadline); err != nil {
			t.Fatal(err)
		}
	}
	want := []runtime.Instant{sent.Add(time.Minute), sent.Add(10 * time.Second), sent.Add(time.Hour)}
	if len(moved) != 3 || moved[0] != want[0] || moved[1] != want[1] || moved[2] != want[2] {
		t.Errorf("the lease moved to %v, want %v", moved, want)
	}
	if !l.stands() {
		t.Error("a lease of an hour does not stand")
	}
}

func TestLease_TellsItsEndOnceAndInTime(t *testing.T) {
	l := newLease(time.Second, 0, func(runtime.Instant) error { return nil })
	var told []time.Duration
	end := func(left time.Duration) { told = append(told, left) }
	l.check(end)
	if len(told) != 0 {
		t.Error("a lease that was over before the agent began was told")
	}
	if err := l.granted(runtime.Boottime(), time.Hour); err != nil {
		t.Fatal(err)
	}
	if wait := l.check(end); len(told) != 0 || wait <= 59*time.Minute {
		t.Errorf("told %v, look again after %v", told, wait)
	}
	if err := l.granted(runtime.Boottime(), 150*time.Millisecond); err != nil { // within the margin of a fifth of a second
		t.Fatal(err)
	}
	l.check(end)
	l.check(end)
	if len(told) != 1 || told[0] > 150*time.Millisecond {
		t.Errorf("told %v, want once, with what is left", told)
	}
}
