package runtime

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/headrace/headrace/agent/guest"
	"github.com/headrace/headrace/agent/runtime/sandbox"
)

// patience bounds every wait of these tests.
const patience = 20 * time.Second

// longSleep outlasts every test; what is left of it would be seen.
const longSleep = "exec sleep 1000"

// shell returns a command that runs a script.
func shell(script string) Command {
	return Command{Args: []string{"/bin/sh", "-c", script}, Env: []string{"PATH=/usr/bin:/bin"}}
}

// testRuntime returns a Runtime with a lease that outlasts the test.
func testRuntime(t *testing.T) *Runtime {
	t.Helper()
	config := DefaultConfig()
	config.DataDir = t.TempDir()
	return open(t, config)
}

// sandboxed returns a Runtime whose workers are isolated.
func sandboxed(t *testing.T) *Runtime {
	t.Helper()
	if _, err := sandbox.Find(); err != nil || os.Geteuid() != 0 {
		t.Skipf("this needs root and crun: %v", err)
	}
	config := DefaultConfig()
	config.DataDir = t.TempDir()
	isolate(&config)
	r := open(t, config)
	if !r.Limits() {
		t.Skip("control groups cannot be made on this machine")
	}
	return r
}

// both runs a test without and with a sandbox.
func both(t *testing.T, test func(t *testing.T, r *Runtime)) {
	t.Run("alone", func(t *testing.T) { test(t, testRuntime(t)) })
	t.Run("sandboxed", func(t *testing.T) { test(t, sandboxed(t)) })
}

func open(t *testing.T, config Config) *Runtime {
	t.Helper()
	r, err := New(config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.Close)
	if err := r.MoveLease(Boottime().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	return r
}

// idOf returns an id that no other test process uses for its control group.
func idOf(t *testing.T) string {
	return fmt.Sprintf("%s-%d", strings.ReplaceAll(t.Name(), "/", "-"), os.Getpid())
}

// start starts a worker that ends with the test at the latest.
func start(t *testing.T, r *Runtime, spec Spec) Worker {
	t.Helper()
	spec.ID = idOf(t) + "-" + filepath.Base(r.config.DataDir)
	homeFor(t, r, spec.ID)
	w, err := r.Start(spec)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = w.Stop(Stopped, 0)
		await(t, w)
	})
	return w
}

// homeFor makes a home.
func homeFor(t *testing.T, r *Runtime, id string) *Home {
	t.Helper()
	home, err := r.MakeHome(id, HomeOptions{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(home.Close)
	return home
}

// nothingLeft fails if a process of a worker is left.
func nothingLeft(t *testing.T, id string) {
	t.Helper()
	if left := others(carrying("HEADRACE_WORKER_ID=" + id)); len(left) != 0 {
		t.Errorf("processes %v of worker %s are left", left, id)
	}
}

// await returns the exit of a worker.
func await(t *testing.T, w Worker) Exit {
	t.Helper()
	select {
	case <-w.Done():
	case <-time.After(patience):
		t.Fatalf("worker %s has not ended", w.ID())
	}
	exit, _ := w.Exit()
	return exit
}

// eventually polls for a condition.
func eventually(t testing.TB, what string, holds func() bool) {
	t.Helper()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(patience); !holds(); <-tick.C {
		if time.Now().After(deadline) {
			t.Fatalf("never: %s", what)
		}
	}
}

// printed waits for a line of the worker's stdout with that prefix and returns the rest.
func printed(t *testing.T, r *Runtime, id, prefix string) (rest string) {
	t.Helper()
	eventually(t, "printed "+prefix, func() bool {
		for line := range strings.Lines(string(r.Tail(id, "stdout", 4096))) {
			if after, ok := strings.CutPrefix(line, prefix); ok && strings.HasSuffix(line, "\n") {
				rest = strings.TrimSpace(after)
				return true
			}
		}
		return false
	})
	return rest
}

func TestStart_RecordsHowTheWorkerEnded(t *testing.T) {
	for name, test := range map[string]struct {
		script string
		want   Exit
	}{
		"success":  {"true", Exit{Reason: Exited}},
		"code":     {"exit 3", Exit{Reason: Exited, Code: 3}},
		"signal":   {"kill -9 $$", Exit{Reason: Exited, Code: 137, Signal: 9}},
		"lost son": {"sleep 1000 & exit 4", Exit{Reason: Exited, Code: 4}},
	} {
		t.Run(name, func(t *testing.T) {
			both(t, func(t *testing.T, r *Runtime) {
				exit := await(t, start(t, r, Spec{Command: shell(test.script)}))
				if exit.PeakMemoryBytes <= 0 {
					t.Errorf("peak memory was not measured: %+v", exit)
				}
				exit.PeakMemoryBytes = 0
				if exit != test.want {
					t.Errorf("exit is %+v, want %+v", exit, test.want)
				}
			})
		})
	}
}

func TestStart_RefusesWhatCannotRun(t *testing.T) { both(t, refusesWhatCannotRun) }

func refusesWhatCannotRun(t *testing.T, r *Runtime) {
	for name, test := range map[string]struct {
		command Command
		want    Reason
	}{
		"no such program": {Command{Args: []string{"/no/such/program"}}, FileNotFound},
		"no program":      {Command{}, StartRefused},
	} {
		t.Run(name, func(t *testing.T) {
			id := strings.ReplaceAll(idOf(t), " ", "-")
			homeFor(t, r, id)
			_, err := r.Start(Spec{ID: id, Command: test.command})
			var refusal *Refusal
			if !errors.As(err, &refusal) || refusal.Exit.Reason != test.want {
				t.Fatalf("start gave %v, want %s", err, test.want)
			}
			found, err := r.Adopt()
			if err != nil {
				t.Fatal(err)
			}
			for _, w := range found {
				if exit, _ := w.Exit(); w.ID() == id && exit.Reason == test.want {
					return
				}
			}
			t.Errorf("the refusal was not found again among %d workers", len(found))
		})
	}
}

func TestStop_KillsTheWholeTree(t *testing.T) { both(t, killsTheWholeTree) }

func killsTheWholeTree(t *testing.T, r *Runtime) {
	// A daemon leaves its session and its parent; the worker itself ignores the polite stop.
	w := start(t, r, Spec{Command: shell(`trap '' TERM
		setsid sh -c 'setsid sh -c "echo daemon \$\$; exec sleep 1000" & '
		echo worker $$
		while :; do sleep 1000; done`)})
	printed(t, r, w.ID(), "daemon ")
	printed(t, r, w.ID(), "worker ")
	eventually(t, "the tree is there", func() bool { return len(carrying("HEADRACE_WORKER_ID="+w.ID())) >= 3 })
	if err := w.Stop(Stopped, 50*time.Millisecond); err != nil {
		t.Fatal(err)
	}
	if exit := await(t, w); exit.Reason != Stopped || exit.Code != 137 {
		t.Errorf("exit is %+v, want a kill", exit)
	}
	nothingLeft(t, w.ID())
}

func TestStop_IsPoliteFirst(t *testing.T) { both(t, isPoliteFirst) }

func isPoliteFirst(t *testing.T, r *Runtime) {
	w := start(t, r, Spec{Command: shell(`trap 'exit 7' TERM; echo ready; while :; do sleep 0.01; done`)})
	printed(t, r, w.ID(), "ready")
	if err := w.Stop(Stopped, time.Hour); err != nil {
		t.Fatal(err)
	}
	if exit := await(t, w); exit.Reason != Stopped || exit.Code != 7 {
		t.Errorf("exit is %+v, want its own code 7", exit)
	}
}

func TestStop_AgainShortensTheGrace(t *testing.T) { both(t, againShortensTheGrace) }

func againShortensTheGrace(t *testing.T, r *Runtime) {
	w := start(t, r, Spec{Command: shell(`trap '' TERM; echo ready; while :; do sleep 0.01; done`)})
	printed(t, r, w.ID(), "ready")
	for _, grace := range []time.Duration{time.Hour, 0} {
		if err := w.Stop(Stopped, grace); err != nil {
			t.Fatal(err)
		}
	}
	if exit := await(t, w); exit.Reason != Stopped {
		t.Errorf("exit is %+v, want stopped", exit)
	}
}

func TestStart_GivesWorkersTheirEnvironmentAndPlace(t *testing.T) { both(t, givesWorkersTheirPlace) }

func givesWorkersTheirPlace(t *testing.T, r *Runtime) {
	command := shell(`echo "$HEADRACE_WORKER_ID $(pwd)"`)
	w := start(t, r, Spec{Command: command})
	await(t, w)
	home, err := r.Home(w.ID())
	if err != nil {
		t.Fatal(err)
	}
	want := w.ID() + " " + home.Seen + "\n"
	if got := string(r.Tail(w.ID(), "stdout", 4096)); got != want {
		t.Errorf("the worker saw %q, want %q", got, want)
	}
	info, err := os.Stat(r.Dir(w.ID()))
	if err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("the directory's mode is %v, want 0700 (%v)", info.Mode(), err)
	}
}

func TestStart_RunsWorkersAsOneUser(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root may start workers as another user")
	}
	dir, err := os.MkdirTemp("", "headrace-user-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o711); err != nil {
		t.Fatal(err)
	}
	config := DefaultConfig()
	config.DataDir, config.User = dir, &guest.User{UID: 65534, GID: 65534}
	r := open(t, config)
	w := start(t, r, Spec{Command: shell(
		`echo "$(id -u) $(id -G)"; echo x > mine; ls ../../../workers/"$HEADRACE_WORKER_ID" || ls .. || echo closed`,
	)})
	await(t, w)
	if got := string(r.Tail(w.ID(), "stdout", 4096)); got != "65534 65534\nclosed\n" {
		t.Errorf("the worker said %q, %q", got, r.Tail(w.ID(), "stderr", 4096))
	}
}

func TestLease_EndsWorkersWhenNobodyMovesIt(t *testing.T) { both(t, leaseEndsWorkers) }

func leaseEndsWorkers(t *testing.T, r *Runtime) {
	if err := r.MoveLease(Boottime().Add(300 * time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	w := start(t, r, Spec{Command: shell(longSleep)})
	if exit := await(t, w); exit.Reason != LeaseEnded {
		t.Errorf("exit is %+v, want the lease's end", exit)
	}
	if Boottime() < r.LeaseDeadline() {
		t.Error("the worker ended before its lease")
	}
}

func TestLease_MovedKeepsWorkers(t *testing.T) {
	r := testRuntime(t)
	first := Boottime().Add(200 * time.Millisecond)
	if err := r.MoveLease(first); err != nil {
		t.Fatal(err)
	}
	w := start(t, r, Spec{Command: shell(longSleep)})
	if err := r.MoveLease(Boottime().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	// A worker that nobody moved the lease of tells when the first deadline was enforced.
	other := DefaultConfig()
	other.DataDir = t.TempDir()
	witness := open(t, other)
	if err := witness.MoveLease(first.Add(100 * time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	await(t, start(t, witness, Spec{Command: shell(longSleep)}))
	if exit, ended := w.Exit(); ended {
		t.Errorf("the worker ended with %+v although its lease was moved", exit)
	}
}

func TestLease_IsIgnoredByWorkersThatKeep(t *testing.T) {
	r := testRuntime(t)
	if err := r.MoveLease(1); err != nil {
		t.Fatal(err)
	}
	w := start(t, r, Spec{KeepOnDisconnect: true, Command: shell("echo alive; " + longSleep)})
	printed(t, r, w.ID(), "alive")
	if exit, ended := w.Exit(); ended {
		t.Errorf("the worker ended with %+v", exit)
	}
}

func TestAdopt_FindsWorkersOfAKilledAgent(t *testing.T) { both(t, findsWorkersOfAKilledAgent) }

func findsWorkersOfAKilledAgent(t *testing.T, r *Runtime) {
	dataDir, id := t.TempDir(), idOf(t)
	agent := exec.Command(os.Args[0], "agent", dataDir, id)
	if r.config.Sandbox != nil {
		agent.Args = append(agent.Args, "isolated")
	}
	out, err := agent.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := agent.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil || line != "started <nil>\n" {
		t.Fatalf("the agent said %q, %v", line, err)
	}
	_ = agent.Process.Kill()
	_ = agent.Wait()

	config := r.config
	config.DataDir = dataDir
	found, err := open(t, config).Adopt()
	if err != nil || len(found) != 1 || found[0].ID() != id {
		t.Fatalf("found %v, %v", found, err)
	}
	if exit, ended := found[0].Exit(); ended {
		t.Fatalf("the worker ended with its agent: %+v", exit)
	}
	if err := found[0].Stop(Stopped, time.Minute); err != nil {
		t.Fatal(err)
	}
	if exit := await(t, found[0]); exit.Reason != Stopped || exit.Code != 143 {
		t.Errorf("exit is %+v, want a polite stop", exit)
	}
}

func TestAdopt_SaysWhatDisappeared(t *testing.T) { both(t, saysWhatDisappeared) }

func saysWhatDisappeared(t *testing.T, r *Runtime) {
	w := start(t, r, Spec{Command: shell(`setsid sh -c 'echo daemon $$; exec sleep 1000' & ` + longSleep)})
	printed(t, r, w.ID(), "daemon ")
	var shim identity
	if found, err := readJSON(filepath.Join(r.Dir(w.ID()), shimFile), &shim); !found || err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(shim.PID, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	if exit := await(t, w); exit.Reason != Disappeared {
		t.Errorf("exit is %+v, want disappeared", exit)
	}
	nothingLeft(t, w.ID())
	found, err := r.Adopt()
	if err != nil || len(found) != 1 {
		t.Fatalf("found %v, %v", found, err)
	}
	if exit, _ := found[0].Exit(); exit.Reason != Disappeared {
		t.Errorf("found again with %+v, want disappeared", exit)
	}
}

func TestAdopt_ClaimsWhatWasNeverHeld(t *testing.T) {
	r := testRuntime(t)
	id := idOf(t)
	if err := r.MakeDir(id); err != nil {
		t.Fatal(err)
	}
	dir := r.Dir(id)
	if err := writeJSON(filepath.Join(dir, specFile), Spec{ID: id, Command: shell("true")}); err != nil {
		t.Fatal(err)
	}
	found, err := r.Adopt()
	if err != nil || len(found) != 1 {
		t.Fatalf("found %v, %v", found, err)
	}
	if exit, _ := found[0].Exit(); exit.Reason != Disappeared {
		t.Errorf("exit is %+v, want disappeared", exit)
	}
	late := exec.Command(os.Args[0], "shim", dir)
	late.ExtraFiles = []*os.File{os.Stderr}
	if err := late.Run(); err == nil {
		t.Error("a shim that came too late held the worker")
	}
}

func TestStart_KillsForMemory(t *testing.T) { both(t, killsForMemory) }

func killsForMemory(t *testing.T, r *Runtime) {
	if !r.Limits() {
		t.Skip("control groups cannot be made on this machine")
	}
	w := start(t, r, Spec{MemoryMiB: 32, MilliCPU: 1000, Command: shell("exec tail /dev/zero")})
	exit := await(t, w)
	if exit.Reason != OutOfMemory || exit.Code != 137 {
		t.Errorf("exit is %+v, want out of memory", exit)
	}
	if exit.PeakMemoryBytes < 16<<20 || exit.PeakMemoryBytes > 33<<20 {
		t.Errorf("the peak is %d bytes, want about the limit", exit.PeakMemoryBytes)
	}
}

func TestA4_AWorkerThatLosesAChildForMemoryStarvesAndGoesOn(t *testing.T) { both(t, starvesAndGoesOn) }

func starvesAndGoesOn(t *testing.T, r *Runtime) {
	if !r.Limits() {
		t.Skip("control groups cannot be made on this machine")
	}
	w := start(t, r, Spec{MemoryMiB: 32, MilliCPU: 1000, Command: shell("tail /dev/zero; sleep 1000")})
	select {
	case <-w.Starved():
	case <-time.After(30 * time.Second):
		t.Fatal("nobody was told that the kernel killed a process of it")
	}
	if peak := w.StarvedPeak(); peak < 16<<20 || peak > 33<<20 {
		t.Errorf("the peak is %d bytes, want about the limit", peak)
	}
	if _, ended := w.Exit(); ended {
		t.Fatal("it did not go on")
	}
	if err := w.Stop(Stopped, 0); err != nil {
		t.Fatal(err)
	}
	if exit := await(t, w); exit.Reason != Stopped || !exit.Starved {
		t.Errorf("exit is %+v, want stopped, and starved before", exit)
	}
}

func TestStart_LimitsMemoryAndCPU(t *testing.T) { both(t, limitsMemoryAndCPU) }

func limitsMemoryAndCPU(t *testing.T, r *Runtime) {
	if !r.Limits() {
		t.Skip("control groups cannot be made on this machine")
	}
	w := start(t, r, Spec{MemoryMiB: 64, MilliCPU: 1500, Command: shell(`g=/sys/fs/cgroup n=headrace/$HEADRACE_WORKER_ID
		cat $g/memory/$n/memory.limit_in_bytes $g/$n/memory.max 2>/dev/null
		quota() { cat $g/cpu/$n/cpu.cfs_quota_us $g/$n/cpu.max 2>/dev/null; }
		until quota | grep -q 150000; do sleep 0.01; done; quota # a sandbox has it once it is made
		grep -c $n /proc/self/cgroup`)})
	await(t, w)
	lines := strings.Split(string(r.Tail(w.ID(), "stdout", 4096)), "\n")
	if len(lines) != 4 || lines[0] != "67108864" || !strings.HasPrefix(lines[1], "150000") || lines[2] == "0" {
		t.Errorf("the worker saw %q, want its limits, from within its group", lines)
	}
	if left, _ := filepath.Glob("/sys/fs/cgroup/*/headrace/" + w.ID()); len(left) > 0 {
		t.Errorf("groups are left: %v", left)
	}
}

func TestClean_RemovesOldAndTooMuch(t *testing.T) {
	config := DefaultConfig()
	config.DataDir = t.TempDir()
	r := open(t, config)
	now := time.Now()
	ages := map[string]time.Duration{"a": 2 * time.Hour, "b": 30 * time.Minute, "c": 20 * time.Minute, "d": 0}
	for id, age := range ages {
		if err := r.MakeDir(id); err != nil {
			t.Fatal(err)
		}
		dir := r.Dir(id)
		if err := os.WriteFile(filepath.Join(dir, "stdout"), make([]byte, 1000), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := r.Forget(id); err != nil {
			t.Fatal(err)
		}
		forgottenAt := now.Add(-age)
		if err := os.Chtimes(filepath.Join(dir, forgottenFile), forgottenAt, forgottenAt); err != nil {
			t.Fatal(err)
		}
	}
	if err := r.MakeDir("live"); err != nil {
		t.Fatal(err)
	}
	each, err := guest.Measure(r.Dir("a"))
	if err != nil {
		t.Fatal(err)
	}
	r.config.KeepBytes = 5 * each / 2 // of three that are young enough
	if err := r.Clean(now); err != nil {
		t.Fatal(err)
	}
	var left []string
	entries, _ := os.ReadDir(r.root())
	for _, entry := range entries {
		left = append(left, entry.Name())
	}
	if got := strings.Join(left, " "); got != "c d live" {
		t.Errorf("left are %q, want the two newest and the live one", got)
	}
}

// What was taken of a log is given back to the disk; the log is as long as before.
func TestClean_CountsWhatIsOnTheDisk(t *testing.T) {
	config := DefaultConfig()
	config.DataDir = t.TempDir()
	config.KeepBytes = 1 << 20
	r := open(t, config)
	if err := r.MakeDir("taken"); err != nil {
		t.Fatal(err)
	}
	log := filepath.Join(r.Dir("taken"), "stdout")
	if err := errors.Join(os.WriteFile(log, nil, 0o600), os.Truncate(log, 1<<30), r.Forget("taken")); err != nil {
		t.Fatal(err)
	}
	if err := r.Clean(time.Now()); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(log); err != nil {
		t.Errorf("a log of a GiB that uses no disk: %v", err)
	}
}

func TestMakeDir_RefusesIdsThatAreNoFileNames(t *testing.T) {
	r := testRuntime(t)
	for _, id := range []string{"", ".", "..", "a/b", "../a", ".hidden"} {
		if err := r.MakeDir(id); err == nil {
			t.Errorf("made a directory for %q", id)
		}
	}
}
