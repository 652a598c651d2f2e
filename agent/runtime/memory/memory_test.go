package memory_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/headrace/headrace/agent"
	"github.com/headrace/headrace/agent/runtime"
	"github.com/headrace/headrace/agent/runtime/memory"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
)

var _ agent.Runtime = (*memory.Runtime)(nil)

// A day passes on virtual time as its programs and the lease say.
func TestMachine_GoesOnVirtualTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		machine := memory.NewMachine(memory.Config{Script: func(spec runtime.Spec) memory.Program {
			if spec.ID == "short" {
				return memory.Exits(5, time.Hour, "hello\n")
			}
			return memory.Hangs()
		}})
		defer machine.Close()
		r := machine.Open()
		must(t, r.MoveLease(r.Now().Add(24*time.Hour)))
		began := time.Now()
		short := start(t, r, runtime.Spec{ID: "short", Command: command(hangs)})
		long := start(t, r, runtime.Spec{ID: "long", Command: command(hangs)})
		errand := start(t, r, runtime.Spec{ID: "errand", Command: command(hangs), LongestSeconds: 120})
		<-errand.Done()
		if exit, _ := errand.Exit(); exit.Reason != runtime.Stopped || time.Since(began) != 2*time.Minute {
			t.Errorf("what may run for two minutes ended as %+v after %s", exit, time.Since(began))
		}
		<-short.Done()
		if exit, _ := short.Exit(); exit.Code != 5 || time.Since(began) != time.Hour {
			t.Errorf("the short one ended as %+v after %s", exit, time.Since(began))
		}
		r.Close() // the lease needs no agent
		next := machine.Open()
		found, err := next.Adopt()
		must(t, err)
		last := found[1]
		<-last.Done()
		exit, _ := last.Exit()
		if last.ID() != long.ID() || exit.Reason != runtime.LeaseEnded || time.Since(began) != 24*time.Hour {
			t.Errorf("%s ended as %+v after %s", last.ID(), exit, time.Since(began))
		}
	})
}

func TestMachine_ThatCrashedHasWorkersThatDisappeared(t *testing.T) {
	machine := memory.NewMachine(memory.Config{})
	defer machine.Close()
	r := machine.Open()
	must(t, r.MoveLease(r.Now().Add(time.Hour)))
	boot := r.BootID()
	start(t, r, runtime.Spec{ID: "w", Command: command(hangs)})
	machine.Crash()
	next := machine.Open()
	found, err := next.Adopt()
	must(t, err)
	if len(found) != 1 || ended(t, found[0]).Reason != runtime.Disappeared {
		t.Errorf("found %v", ids(found))
	}
	if next.BootID() == boot || next.LeaseDeadline() != 0 {
		t.Errorf("the machine did not boot: its lease ends at %d", next.LeaseDeadline())
	}
}

// What needs files says so, and leaves none on this machine.
func TestHome_HasNoFiles(t *testing.T) {
	machine := memory.NewMachine(memory.Config{})
	defer machine.Close()
	home, err := machine.Open().MakeHome("w", runtime.HomeOptions{})
	must(t, err)
	defer home.Close()
	if path, err := home.MakeShown("events"); err == nil || home.Path() != "" {
		t.Errorf("it has a folder %q in %q", path, home.Path())
	}
	if err := home.Work.MkdirAll("tmp"); err == nil {
		t.Error("it has a folder for temporary files")
	}
	if _, err := home.Stat("given"); err == nil {
		t.Error("it has a file")
	}
}

func TestProcess_ListensWhereItSays(t *testing.T) {
	listens := make(chan struct{})
	machine := memory.NewMachine(memory.Config{Script: func(runtime.Spec) memory.Program {
		return memory.Program{Run: func(p *memory.Process) runtime.Exit {
			p.Listen(4040)
			close(listens)
			return memory.Hangs().Run(p)
		}}
	}})
	defer machine.Close()
	r := machine.Open()
	must(t, r.MoveLease(r.Now().Add(time.Hour)))
	w := start(t, r, runtime.Spec{ID: "w", Command: command(hangs)})
	<-listens
	if own, err := r.Listens("w", 4040); !own || err != nil {
		t.Errorf("%v, %v", own, err)
	}
	must(t, w.Stop(runtime.Stopped, 0))
	ended(t, w)
	if own, _ := r.Listens("w", 4040); own {
		t.Error("it listens after its end")
	}
}

func TestEngine_TellsScriptsWhatWorkersWereAssigned(t *testing.T) {
	e := memory.NewEngine()
	w := &agentv1.AssignedWorker{WorkerId: "w", Number: 1}
	made, err := e.Prepare(t.Context(), w, nil)
	must(t, err)
	if got := memory.Assigned(runtime.Spec{Command: made}); got != w {
		t.Errorf("the script learns %v", got)
	}
	must(t, e.Attach(w, nil))
	_, changed := e.Newest("w")
	newer := &agentv1.AssignedWorker{WorkerId: "w", Number: 1, EndedPeers: []*agentv1.EndedPeer{{Number: 2}}}
	e.Update(newer)
	<-changed
	if got, _ := e.Newest("w"); got != newer {
		t.Errorf("the newest is %v", got)
	}
	e.Detach("w")
	if got, _ := e.Newest("w"); got != nil {
		t.Errorf("after its end it is %v", got)
	}
}
