package runtime

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// folders returns what is three levels below the folder of all logs.
func folders(t *testing.T, r *Runtime) (found []string) {
	t.Helper()
	all, err := filepath.Glob(r.logsRoot() + "/*/*/*")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range all {
		found = append(found, strings.TrimPrefix(path, r.logsRoot()+"/"))
	}
	return found
}

// startNamed starts a worker of that id that ends with the test at the latest.
func startNamed(t *testing.T, r *Runtime, id, logs, script string) Worker {
	t.Helper()
	if _, err := r.MakeHome(id, HomeOptions{}); err != nil {
		t.Fatal(err)
	}
	w, err := r.Start(Spec{ID: id, Command: shell(script), Logs: logs})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = w.Stop(Stopped, 0)
		await(t, w)
	})
	return w
}

func TestLogs_AreInTheFolderThatTheSpecNames(t *testing.T) {
	r := testRuntime(t)
	id := idOf(t)
	await(t, startNamed(t, r, id, "run/DRIVER", "echo out; echo err >&2"))
	want := []string{"run/DRIVER/stderr", "run/DRIVER/stdout"}
	if got := folders(t, r); !slices.Equal(got, want) {
		t.Errorf("the logs are %q, want %q", got, want)
	}
	info, err := os.Stat(filepath.Join(r.logsRoot(), "run/DRIVER/stdout"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the mode is %v, want 0600 (%v)", info.Mode(), err)
	}
	r.Close()
	config := r.config
	again := open(t, config)
	if _, err := again.Adopt(); err != nil {
		t.Fatal(err)
	}
	if out, errors := again.Tail(id, "stdout", 99), again.Tail(id, "stderr", 99); string(out) != "out\n" ||
		string(errors) != "err\n" {
		t.Errorf("after a restart the logs read %q, %q", out, errors)
	}
}

func TestLogs_OfATwinAreNotOverwritten(t *testing.T) {
	r := testRuntime(t)
	first, second := idOf(t)+"-first", idOf(t)+"-second"
	await(t, startNamed(t, r, first, "run/TASK/1", "echo first"))
	await(t, startNamed(t, r, second, "run/TASK/1", "echo second"))
	if one, two := r.Tail(first, "stdout", 99), r.Tail(second, "stdout", 99); string(one) != "first\n" ||
		string(two) != "second\n" {
		t.Errorf("the logs read %q, %q", one, two)
	}
	if got, want := folders(t, r), []string{"run/TASK/1", "run/TASK/1-2"}; !slices.Equal(got, want) {
		t.Errorf("the folders are %q, want %q", got, want)
	}
}

func TestLogs_StayBelowTheirRoot(t *testing.T) {
	r := testRuntime(t)
	for _, folder := range []string{"../x", "/x", ".", "a/../.."} {
		spec := Spec{ID: idOf(t), Command: shell("true"), Logs: folder}
		if err := r.claimLogs(&spec); err == nil {
			t.Errorf("logs were put into %q", folder)
		}
	}
}

func TestClean_RemovesLogsAndSaysSinceWhen(t *testing.T) {
	r := testRuntime(t)
	old, kept := idOf(t)+"-old", idOf(t)+"-kept"
	await(t, startNamed(t, r, old, "run/TASK/1", "echo old"))
	await(t, startNamed(t, r, kept, "run/TASK/2", "echo kept"))
	if got := r.size(old); got < int64(len("old\n")) {
		t.Errorf("the size is %d, without the logs", got)
	}
	if err := r.Forget(old); err != nil {
		t.Fatal(err)
	}
	now := time.Now().Add(2 * r.config.KeepFor)
	if err := r.Clean(now); err != nil {
		t.Fatal(err)
	}
	if got, want := folders(t, r), []string{"run/TASK/2"}; !slices.Equal(got, want) {
		t.Errorf("left are %q, want %q", got, want)
	}
	if removed, since := r.Removed(old); !removed || !since.Equal(now) {
		t.Errorf("removed is %v since %v, want %v", removed, since, now)
	}
	_, err := r.OpenLog(old, "stdout")
	if err == nil || !strings.Contains(err.Error(), now.UTC().Format(time.RFC3339)) {
		t.Errorf("reading it gives %v, want since when it is gone", err)
	}
	if err := r.Forget(kept); err != nil {
		t.Fatal(err)
	}
	if err := r.Clean(now); err != nil {
		t.Fatal(err)
	}
	if left, _ := os.ReadDir(r.logsRoot()); len(left) != 0 {
		t.Errorf("empty folders are left: %v", left)
	}
}

func TestAdopt_SweepsLogsOfNobody(t *testing.T) {
	r := testRuntime(t)
	id := idOf(t)
	await(t, startNamed(t, r, id, "run/TASK/1", "echo mine"))
	for _, stray := range []string{"run/TASK/7", "gone/DRIVER"} { // an agent died before it wrote the specification
		if err := os.MkdirAll(filepath.Join(r.logsRoot(), stray), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := r.Adopt(); err != nil {
		t.Fatal(err)
	}
	if got, want := folders(t, r), []string{"run/TASK/1"}; !slices.Equal(got, want) {
		t.Errorf("left are %q, want %q", got, want)
	}
	if left, _ := os.ReadDir(r.logsRoot()); len(left) != 1 || string(r.Tail(id, "stdout", 99)) != "mine\n" {
		t.Errorf("left are %v, and the log %q", left, r.Tail(id, "stdout", 99))
	}
}

func TestRemoved_ForgetsTheOldest(t *testing.T) {
	var m memory
	for i := range maxRemoved + 2 {
		m.note(fmt.Sprint(i), time.Unix(int64(i), 0))
	}
	if len(m.since) > maxRemoved || len(m.order) > maxRemoved {
		t.Errorf("%d are remembered, the limit is %d", len(m.since), maxRemoved)
	}
}
