package runtime

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// waits writes a line, waits for a line from a pipe in its directory, and tells what it sees then.
const waits = `echo rehearsed; echo rehearsed >&2; mkfifo go; : > waiting; read word < go; ` +
	`echo "$word"; cat given; cat "$OWN/given"; /bin/pwd -P; exec sleep 1000`

// waitingWorker returns one that has written something and waits.
func waitingWorker(t *testing.T, r *Runtime) Worker {
	t.Helper()
	id := "warm-" + strings.ReplaceAll(idOf(t), "/", "-")
	home := homeFor(t, r, id)
	command := shell(waits)
	command.Env = append(command.Env, "OWN="+home.Seen)
	w, err := r.Start(Spec{ID: id, Command: command, MilliCPU: 1000})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.Stop(Stopped, 0); <-w.Done() })
	eventually(t, "it waits", func() bool { return exists(filepath.Join(home.Path(), "waiting")) })
	return w
}

// takeIt takes a worker that waits for a worker with a file.
func takeIt(t *testing.T, r *Runtime, waiting Worker) (id string, taken Worker) {
	t.Helper()
	id = "run-" + idOf(t)
	home, err := r.MakeHome(id, HomeOptions{Of: waiting})
	if err != nil {
		t.Fatal(err)
	}
	defer home.Close()
	err = errors.Join(home.Work.WriteFile("given", []byte("given\n"), 0o600), r.Keep(id, "assigned.pb", nil))
	if err != nil {
		t.Fatal(err)
	}
	taken, err = r.Take(waiting, Spec{ID: id, Logs: "applications/a/jobs/b/SPARK_DRIVER"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = taken.Stop(Stopped, 0); <-taken.Done() })
	return id, taken
}

func TestTake_GivesAWaitingProcessANewNameItsFilesAndEmptyLogs(t *testing.T) { both(t, givesANewName) }

func givesANewName(t *testing.T, r *Runtime) {
	waiting := waitingWorker(t, r)
	id, _ := takeIt(t, r, waiting)
	home, err := r.Home(id)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(home.Path(), "go"), []byte("begin\n"), 0); err != nil {
		t.Fatal(err)
	}
	said := func() string { return string(r.Tail(id, "stdout", 1000)) }
	where := home.Seen
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
	both(t, takenIsAdoptedUnderItsNewName)
}

func takenIsAdoptedUnderItsNewName(t *testing.T, r *Runtime) {
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
	if err != nil || len(found) != 1 || found[0].ID() != id {
		t.Fatalf("found %v (%v), want %s alone", found, err, id)
	}
	if err := found[0].Stop(Stopped, 0); err != nil {
		t.Fatal(err)
	}
	if exit := await(t, found[0]); exit.Reason != Stopped {
		t.Errorf("it ended as %+v, want that it was stopped", exit)
	}
	nothingLeft(t, waiting.ID())
	if err := again.Forget(id); err != nil {
		t.Fatal(err)
	}
	if err := again.Clean(time.Now().Add(2 * again.config.KeepFor)); err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{again.root(), again.homes(false)} {
		if entries, err := os.ReadDir(dir); err != nil || len(entries) != 0 {
			t.Errorf("%v are left (%v), want neither the directory nor its old name", entries, err)
		}
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
	homeFor(t, r, id)
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
	nothingLeft(t, waiting.ID())
	if exists(r.Dir(waiting.ID())) || exists(filepath.Join(r.homes(false), waiting.ID())) {
		t.Error("its directory or its home is left")
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
