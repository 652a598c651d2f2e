package runtime

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// waits writes a line, waits for a line from a pipe in its directory, and tells what it sees then.
const waits = `echo rehearsed; echo rehearsed >&2; mkfifo go; : > waiting; read word < go; echo "$word"; cat given; cat "$OWN/work/given"; /bin/pwd -P; exec sleep 1000`

// waitingWorker returns one that has written something and waits.
func waitingWorker(t *testing.T, r *Runtime) *Worker {
	t.Helper()
	id := "warm-" + idOf(t)
	dir, err := r.MakeDir(id)
	if err != nil {
		t.Fatal(err)
	}
	command := shell(waits)
	command.Env = append(command.Env, "OWN="+dir)
	w, err := r.Start(Spec{ID: id, Command: command, MilliCPU: 1000})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.Stop(Stopped, 0); <-w.Done() })
	eventually(t, "it waits", func() bool { return exists(filepath.Join(dir, workDir, "waiting")) })
	return w
}

// takeIt takes a worker that waits for a worker with a file.
func takeIt(t *testing.T, r *Runtime, waiting *Worker) (id string, taken *Worker) {
	t.Helper()
	id = "run-" + idOf(t)
	dir, err := r.MakeDir(id)
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{filepath.Join(dir, workDir, "given"), filepath.Join(dir, "assigned.pb")} {
		if err := os.WriteFile(path, []byte("given\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	taken, err = r.Take(waiting, Spec{ID: id, Logs: "applications/a/jobs/b/SPARK_DRIVER"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = taken.Stop(Stopped, 0); <-taken.Done() })
	return id, taken
}

func TestTake_GivesAWaitingProcessANewNameItsFilesAndEmptyLogs(t *testing.T) {
	r := testRuntime(t)
	waiting := waitingWorker(t, r)
	id, _ := takeIt(t, r, waiting)
	if err := os.WriteFile(filepath.Join(r.Dir(id), workDir, "go"), []byte("begin\n"), 0); err != nil {
		t.Fatal(err)
	}
	said := func() string { return string(r.Tail(id, "stdout", 1000)) }
	where, err := filepath.EvalSymlinks(filepath.Join(r.Dir(id), workDir))
	if err != nil {
		t.Fatal(err)
	}
	want := "begin\ngiven\ngiven\n" + where + "\n"
	eventually(t, "it says where it is", func() bool { return strings.HasSuffix(said(), where+"\n") })
	if said() != want {
		t.Errorf("it said %q, want %q: neither what it wrote before, nor its old directory", said(), want)
	}
	if stderr := r.Tail(id, "stderr", 1000); len(stderr) != 0 {
		t.Errorf("stderr still has %q", stderr)
	}
	logs := filepath.Join(r.config.DataDir, "logs", "applications/a/jobs/b/SPARK_DRIVER", "stdout")
	if content, err := os.ReadFile(logs); err != nil || string(content) != want {
		t.Errorf("its folder of logs has %q (%v)", content, err)
	}
}

func TestTake_TheTakenOneIsStoppedAdoptedAndCleanedUnderItsNewName(t *testing.T) {
	r := testRuntime(t)
	waiting := waitingWorker(t, r)
	id, _ := takeIt(t, r, waiting)
	if !r.Unconfirmed(id) {
		t.Error("it is confirmed before anybody said so")
	}
	if err := r.Confirm(id); err != nil || r.Unconfirmed(id) {
		t.Errorf("it is not confirmed (%v)", err)
	}
	r.Close()
	again := open(t, r.config)
	found, err := again.Adopt()
	if err != nil || len(found) != 1 || found[0].ID != id {
		t.Fatalf("found %v (%v), want %s alone", found, err, id)
	}
	if err := found[0].Stop(Stopped, 0); err != nil {
		t.Fatal(err)
	}
	if exit := await(t, found[0]); exit.Reason != Stopped {
		t.Errorf("it ended as %+v, want that it was stopped", exit)
	}
	if left := others(carrying("HEADRACE_WORKER_ID=" + waiting.ID)); len(left) != 0 {
		t.Errorf("processes %v are left", left)
	}
	if err := again.Forget(id); err != nil {
		t.Fatal(err)
	}
	if err := again.Clean(time.Now().Add(2 * again.config.KeepFor)); err != nil {
		t.Fatal(err)
	}
	if entries, err := os.ReadDir(again.root()); err != nil || len(entries) != 0 {
		t.Errorf("%v are left (%v), want neither the directory nor its old name", entries, err)
	}
}

func TestTake_ADeadOneIsRefused(t *testing.T) {
	r := testRuntime(t)
	waiting := waitingWorker(t, r)
	if err := waiting.Stop(Stopped, 0); err != nil {
		t.Fatal(err)
	}
	<-waiting.Done()
	id := "run-" + idOf(t)
	if _, err := r.MakeDir(id); err != nil {
		t.Fatal(err)
	}
	if taken, err := r.Take(waiting, Spec{ID: id, Logs: "a/b"}); err == nil {
		t.Errorf("took %v, which is dead", taken)
	}
}

func TestDiscard_LeavesNothing(t *testing.T) {
	r := testRuntime(t)
	waiting := waitingWorker(t, r)
	if err := r.Discard(waiting); err != nil {
		t.Fatal(err)
	}
	if left := others(carrying("HEADRACE_WORKER_ID=" + waiting.ID)); len(left) != 0 || exists(r.Dir(waiting.ID)) {
		t.Errorf("processes %v and perhaps %s are left", left, r.Dir(waiting.ID))
	}
}

func TestWeigh_ChangesTheWeightInTheControlGroup(t *testing.T) {
	r := testRuntime(t)
	if !r.Limits() {
		t.Skip("this machine does not let the test make control groups")
	}
	w := waitingWorker(t, r)
	for _, low := range []bool{true, false} {
		if err := r.Weigh(w, low); err != nil {
			t.Fatal(err)
		}
	}
}
