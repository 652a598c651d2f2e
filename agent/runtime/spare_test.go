package runtime

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// awaitSpare waits until there is a spare, and returns it.
func awaitSpare(t testing.TB, r *Runtime) (kept *spare) {
	t.Helper()
	eventually(t, "a spare waits", func() bool {
		r.mu.Lock()
		defer r.mu.Unlock()
		kept = r.spare
		return kept != nil
	})
	return kept
}

// firstSpare returns the spare that a first worker leaves behind.
func firstSpare(t *testing.T, r *Runtime) *spare {
	t.Helper()
	id := idOf(t) + "-first"
	homeFor(t, r, id)
	w, err := r.Start(Spec{ID: id, Command: shell("true")})
	if err != nil {
		t.Fatal(err)
	}
	await(t, w)
	return awaitSpare(t, r)
}

// shimPID returns the process that holds a worker.
func shimPID(t *testing.T, r *Runtime, id string) int {
	t.Helper()
	var self identity
	if found, err := readJSON(filepath.Join(r.Dir(id), shimFile), &self); err != nil || !found {
		t.Fatalf("found %v, %v", found, err)
	}
	return self.PID
}

func TestSpare_HoldsTheNextWorker(t *testing.T) { both(t, holdsTheNextWorker) }

func holdsTheNextWorker(t *testing.T, r *Runtime) {
	kept := firstSpare(t, r)
	w := start(t, r, Spec{Command: shell("echo hello; exit 7")})
	if exit := await(t, w); exit.Reason != Exited || exit.Code != 7 {
		t.Errorf("exit is %+v", exit)
	}
	if said := string(r.Tail(w.ID(), "stdout", 100)); said != "hello\n" {
		t.Errorf("it said %q", said)
	}
	if pid := shimPID(t, r, w.ID()); pid != kept.pid {
		t.Errorf("process %d held it, the spare is %d", pid, kept.pid)
	}
	if awaitSpare(t, r) == kept {
		t.Error("there is no other spare for the next one")
	}
}

// A spare that has died, or would not see what was mounted since, holds nothing: a new shim does.
func TestSpare_IsLeftWhereItIsOfNoUse(t *testing.T) {
	for what, spoil := range map[string]func(*testing.T, *spare){
		"dead":               kill,
		"older than a mount": func(_ *testing.T, s *spare) { s.mounts[0]++ },
		"told nothing":       func(_ *testing.T, s *spare) { _ = s.tell.Close() },
	} {
		t.Run(strings.ReplaceAll(what, " ", "_"), func(t *testing.T) {
			r := testRuntime(t)
			kept := firstSpare(t, r)
			spoil(t, kept)
			w := start(t, r, Spec{Command: shell("exit 7")})
			if exit := await(t, w); exit.Reason != Exited || exit.Code != 7 {
				t.Errorf("exit is %+v", exit)
			}
			if pid := shimPID(t, r, w.ID()); pid == kept.pid {
				t.Error("the spare held it")
			}
			if syscall.Kill(kept.pid, 0) == nil {
				t.Error("the spare is still there")
			}
		})
	}
}

// kill kills a spare, and leaves it to be reaped.
func kill(t *testing.T, s *spare) {
	_ = syscall.Kill(s.pid, syscall.SIGKILL)
	eventually(t, "the spare is dead", func() bool {
		stat, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(s.pid), "stat"))
		return err == nil && strings.Contains(string(stat), ") Z ")
	})
}

func TestSpare_EndsWithItsRuntime(t *testing.T) {
	r := testRuntime(t)
	kept := firstSpare(t, r)
	r.Close()
	if syscall.Kill(kept.pid, 0) == nil {
		t.Error("the spare is still there")
	}
}
