package memory_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/headrace/headrace/agent"
	"github.com/headrace/headrace/agent/runtime"
	"github.com/headrace/headrace/agent/runtime/memory"
	"github.com/headrace/headrace/agent/runtime/sandbox"
)

// patience bounds every wait of these tests.
const patience = 20 * time.Second

// What programs do in both worlds: the real ones are shell scripts, and the twin's Script knows them by that.
const (
	hangs    = "exec sleep 1000"
	says     = "echo out; echo err >&2; exit 3"
	polite   = "trap 'exit 7' TERM; echo ready; while :; do sleep 0.01; done"
	stubborn = "trap '' TERM; echo ready; while :; do sleep 0.01; done"
	missing  = "/no/such/program"
)

// command returns what runs that.
func command(script string) runtime.Command {
	if script == missing {
		return runtime.Command{Args: []string{missing}}
	}
	return runtime.Command{Args: []string{"/bin/sh", "-c", script}, Env: []string{"PATH=/usr/bin:/bin"}}
}

// script is what the twin's programs do.
func script(spec runtime.Spec) memory.Program {
	switch spec.Args[len(spec.Args)-1] {
	case says:
		return memory.Program{Run: func(p *memory.Process) runtime.Exit {
			p.Print("stdout", "out\n")
			p.Print("stderr", "err\n")
			return runtime.Exit{Code: 3}
		}}
	case polite:
		return memory.Program{Run: func(p *memory.Process) runtime.Exit {
			p.Print("stdout", "ready\n")
			<-p.Stop
			return runtime.Exit{Code: 7}
		}}
	case stubborn:
		return memory.Program{Run: func(p *memory.Process) runtime.Exit {
			p.Print("stdout", "ready\n")
			return memory.Stubborn().Run(p)
		}}
	case missing:
		return memory.Refuses("cannot start " + missing + ": it is not there")
	}
	return memory.Hangs()
}

// world is a machine on which agents follow one another.
type world struct {
	open func() agent.Runtime // for the next agent
	name string               // makes ids unique on this machine
}

// id returns an id that no other test process uses.
func (w world) id(name string) string { return fmt.Sprintf("%s-%s-%d", w.name, name, os.Getpid()) }

// both runs a test on this machine, as far as it lets the test, and in memory. The lease outlasts the test.
func both(t *testing.T, test func(t *testing.T, w world)) {
	t.Run("real", func(t *testing.T) {
		test(t, realWorld(t, nil))
	})
	t.Run("isolated", func(t *testing.T) {
		box := sandbox.DefaultConfig()
		var err error
		if box.Program, err = sandbox.Find(); err != nil || os.Geteuid() != 0 {
			t.Skipf("this needs root and crun: %v", err)
		}
		test(t, realWorld(t, &box))
	})
	t.Run("memory", func(t *testing.T) {
		machine := memory.NewMachine(memory.Config{Script: script})
		t.Cleanup(machine.Close)
		test(t, world{name: strings.ReplaceAll(t.Name(), "/", "-"), open: func() agent.Runtime {
			return opened(t, machine.Open())
		}})
	})
}

// realWorld returns this machine, whose workers are isolated if there is a sandbox.
func realWorld(t *testing.T, box *sandbox.Config) world {
	t.Helper()
	config := runtime.DefaultConfig()
	config.DataDir, config.Logger = t.TempDir(), slog.New(slog.DiscardHandler)
	if box != nil {
		box.Hidden = []string{config.DataDir}
		config.Sandbox, config.Users = box, runtime.Users{First: 1_900_100_000, Count: 1000}
	}
	return world{name: strings.ReplaceAll(t.Name(), "/", "-"), open: func() agent.Runtime {
		r, err := runtime.New(config)
		must(t, err)
		if box != nil && !r.Limits() {
			t.Skip("control groups cannot be made on this machine")
		}
		return opened(t, r)
	}}
}

// opened makes the lease of a runtime outlast the test, which closes it.
func opened(t *testing.T, r agent.Runtime) agent.Runtime {
	t.Helper()
	t.Cleanup(r.Close)
	must(t, r.MoveLease(r.Now().Add(time.Hour)))
	return r
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// start starts a worker that ends with the test at the latest.
func start(t *testing.T, r agent.Runtime, spec runtime.Spec) runtime.Worker {
	t.Helper()
	home, err := r.MakeHome(spec.ID, runtime.HomeOptions{})
	must(t, err)
	home.Close()
	w, err := r.Start(spec)
	must(t, err)
	t.Cleanup(func() {
		_ = w.Stop(runtime.Stopped, 0)
		ended(t, w)
	})
	return w
}

// ended waits for the end of a worker, or of its runtime.
func ended(t *testing.T, w runtime.Worker) runtime.Exit {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	select {
	case <-w.Done():
	case <-ctx.Done():
		t.Fatalf("worker %s has not ended", w.ID())
	}
	exit, _ := w.Exit()
	exit.PeakMemoryBytes = 0 // a twin has none
	return exit
}

// ready waits until a worker has said something.
func ready(t *testing.T, r agent.Runtime, id string) {
	t.Helper()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(patience); len(r.Tail(id, "stdout", 10)) == 0; <-tick.C {
		if time.Now().After(deadline) {
			t.Fatalf("worker %s never said anything", id)
		}
	}
}

// ids returns the ids of workers.
func ids(found []runtime.Worker) (ids []string) {
	for _, w := range found {
		ids = append(ids, w.ID())
	}
	return ids
}

// nothing says whether an error is that there is none of it.
func nothing(err error) bool { return errors.Is(err, fs.ErrNotExist) }
