package runtime

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// say runs a script in a sandbox and returns what it printed.
func say(t *testing.T, r *Runtime, script string) string {
	t.Helper()
	w := start(t, r, Spec{Command: shell(script), MilliCPU: 1000, MemoryMiB: 256})
	await(t, w)
	if stderr := r.Tail(w.ID(), "stderr", 4096); len(stderr) > 0 {
		t.Logf("stderr: %s", stderr)
	}
	return string(r.Tail(w.ID(), "stdout", 64<<10))
}

func TestSandbox_TakesAllPrivileges(t *testing.T) {
	got := say(t, sandboxed(t), `grep -E '^(Cap|NoNewPrivs|Seccomp:)' /proc/self/status; id -u; id -un; id -G`)
	want := "CapInh:\t0000000000000000\nCapPrm:\t0000000000000000\nCapEff:\t0000000000000000\n" +
		"CapBnd:\t0000000000000000\nCapAmb:\t0000000000000000\n" +
		"NoNewPrivs:\t1\nSeccomp:\t2\n1900000000\nhadoop\n1900000000\n"
	if got != want {
		t.Errorf("it has\n%s", got)
	}
}

func TestSandbox_ShowsNothingOfOthers(t *testing.T) {
	r := sandboxed(t)
	secret := filepath.Join(r.config.DataDir, "secret")
	// Everybody may read them: they are hidden all the same.
	err := errors.Join(os.WriteFile(secret, []byte("secret"), 0o644), os.Chmod(r.config.DataDir, 0o755))
	if err != nil {
		t.Fatal(err)
	}
	got := say(t, r, `ls `+secret+` /proc/1/status /var/lib/headrace/* /etc/headrace/* 2>/dev/null
		ls -A /tmp /var/tmp /root /dev/shm | grep -v :$ | grep .
		ls -A /home /run; ls /proc | grep -c '^[0-9]'`)
	// ls and grep themselves, the shell twice for the pipe: no process of anybody else.
	if !strings.HasPrefix(got, "TestSandbox") && !strings.HasPrefix(got, "/home:") {
		t.Errorf("it sees\n%s", got)
	}
	for _, foreign := range []string{"secret", "systemd/private", "docker.sock"} {
		if strings.Contains(got, foreign) {
			t.Errorf("it sees %s:\n%s", foreign, got)
		}
	}
}

func TestSandbox_WritesOnlyWhatIsItsOwn(t *testing.T) {
	r := sandboxed(t)
	got := say(t, r, `for f in /x /etc/x /usr/x /home/x /run/x /run/headrace/x /var/lib/x /proc/sys/kernel/hostname \
	/sys/x /home/hadoop/x /tmp/x /var/tmp/x /dev/shm/x; do
	if (echo x > $f) 2>/dev/null; then echo $f; fi; done`)
	if want := "/home/hadoop/x\n/tmp/x\n/var/tmp/x\n/dev/shm/x\n"; got != want {
		t.Errorf("it wrote\n%s", got)
	}
}

func TestSandbox_SharesWhatItsOperatorShares(t *testing.T) {
	r := sandboxed(t)
	shared := t.TempDir()
	if err := os.Chmod(shared, 0o777); err != nil { //nolint:gosec // that is what sharing is
		t.Fatal(err)
	}
	r.config.Sandbox.Shared = []string{shared}
	say(t, r, "echo text > "+shared+"/file")
	info, err := os.Stat(filepath.Join(shared, "file"))
	if err != nil {
		t.Fatal(err)
	}
	if owner, ok := info.Sys().(*syscall.Stat_t); !ok || owner.Uid != 1_900_000_000 || info.Mode().Perm() != 0o664 {
		t.Errorf("the file belongs to %d, mode %v", owner.Uid, info.Mode())
	}
}

// What an operator shares below a home that is closed to workers is there for them, and nothing else of it: the agent
// knows that as they do.
func TestSandbox_SharesBelowAClosedFolder(t *testing.T) {
	r := sandboxed(t)
	closed := t.TempDir()
	shared := filepath.Join(closed, "shared")
	in := func(name string) string { return filepath.Join(shared, name) }
	outside := filepath.Join(closed, "outside")
	err := errors.Join(
		os.Mkdir(shared, 0o755),
		os.WriteFile(in("open"), []byte("text"), 0o644),
		os.WriteFile(in("roots"), nil, 0o600),
		os.WriteFile(outside, nil, 0o644),
		os.Symlink("../outside", in("link")),
		os.Chmod(closed, 0o700),
	)
	if err != nil {
		t.Fatal(err)
	}
	r.config.Sandbox.Shared = []string{shared}
	home := homeFor(t, r, "w")
	if info, err := home.Stat(in("open")); err != nil || info.Size() != 4 {
		t.Errorf("the file that is shared: %v", err)
	}
	file, err := home.Open(in("open"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	for _, path := range []string{in("roots"), in("link"), outside, filepath.Join(shared, "..", "outside")} {
		if file, err := home.Open(path); err == nil {
			t.Errorf("%s was opened", file.Name())
		}
	}
	if _, err := home.Stat(in("missing")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("what is not there: %v", err)
	}
	if got := say(t, r, "cat "+shared+"/*; ls "+closed); got != "textshared\n" {
		t.Errorf("a worker sees %q", got)
	}
}

func TestSandbox_ShowsWhatAProgramReads(t *testing.T) {
	r := sandboxed(t)
	dir := filepath.Join(t.TempDir(), "release")
	// Everybody may read it, as releases are.
	err := errors.Join(os.Mkdir(dir, 0o755), os.WriteFile(filepath.Join(dir, "file"), []byte("text\n"), 0o644))
	if err != nil {
		t.Fatal(err)
	}
	command := shell("cat " + dir + "/file; echo more >> " + dir + "/file || echo closed; ls " + filepath.Dir(dir))
	id := idOf(t)
	homeFor(t, r, id).Show(dir)
	w, err := r.Start(Spec{ID: id, Command: command})
	if err != nil {
		t.Fatal(err)
	}
	await(t, w)
	if got := string(r.Tail(w.ID(), "stdout", 4096)); got != "text\nclosed\nrelease\n" {
		t.Errorf("it saw %q", got)
	}
}

func TestSandbox_GivesEveryWorkerAUserAndNoneAgainTooSoon(t *testing.T) {
	r := sandboxed(t)
	r.users.all.Count = 3
	seen := map[uint32]bool{}
	for i := range 3 {
		seen[homeFor(t, r, fmt.Sprint("w", i)).User.UID] = true
	}
	if len(seen) != 3 {
		t.Errorf("three workers have the users %v", seen)
	}
	if home, err := r.MakeHome("w3", HomeOptions{}); err == nil {
		t.Errorf("a fourth worker has the user %d of another one", home.User.UID)
	}
	second, err := r.Home("w1")
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Forget("w1"); err != nil { // only people may want it yet
		t.Fatal(err)
	}
	if home := homeFor(t, r, "w4"); home.User.UID != second.User.UID || exists(second.path) {
		t.Errorf("the fourth one has the user %d, and the home of its last one is there: %v",
			home.User.UID, exists(second.path))
	}
}

func TestSandbox_RemembersUsersWhenTheAgentIsRestarted(t *testing.T) {
	r := sandboxed(t)
	w := start(t, r, Spec{Command: shell(longSleep)})
	old, err := r.Home(w.ID())
	if err != nil {
		t.Fatal(err)
	}
	again := open(t, r.config)
	if _, err := again.Adopt(); err != nil {
		t.Fatal(err)
	}
	again.users.next = 0 // as if the file that says which one is next were lost
	if home := homeFor(t, again, "next"); home.User.UID == old.User.UID {
		t.Errorf("a live worker's user %d was given again", home.User.UID)
	}
	if _, err := os.Stat(old.path); err != nil {
		t.Errorf("a live worker's home was swept: %v", err)
	}
}

// A shell that starts processes until it cannot meets the bound, and a stop ends all of them.
func TestSandbox_BoundsProcesses(t *testing.T) {
	r := sandboxed(t)
	r.config.Sandbox.Processes = 50
	forks := shell(`sh -c 'while :; do sleep 1000 & done'; ` + longSleep)
	w := start(t, r, Spec{MemoryMiB: 512, MilliCPU: 1000, Command: forks})
	eventually(t, "it fills its bound", func() bool { return len(carrying("HEADRACE_WORKER_ID="+w.ID())) >= 40 })
	if n := len(carrying("HEADRACE_WORKER_ID=" + w.ID())); n > 51 {
		t.Errorf("it has %d processes", n)
	}
	if err := w.Stop(Stopped, 0); err != nil {
		t.Fatal(err)
	}
	await(t, w)
	nothingLeft(t, w.ID())
}

// A daemon that cleared its environment and left its session dies with its shim, at once: nobody has to find it.
func TestSandbox_NothingOutlivesItsShim(t *testing.T) {
	both(t, func(t *testing.T, r *Runtime) {
		if !r.apart {
			t.Skip("this machine does not let the test make namespaces")
		}
		name := fmt.Sprint("hidden-", os.Getpid())
		w := start(t, r, Spec{Command: shell(
			`setsid env -i /bin/sh -c 'echo daemon; exec -a ` + name + ` sleep 1000' & ` + longSleep,
		)})
		printed(t, r, w.ID(), "daemon")
		hidden := func() (pids []int) {
			for _, pid := range processes() {
				line, _ := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
				if strings.HasPrefix(string(line), name) {
					pids = append(pids, pid)
				}
			}
			return pids
		}
		var shim identity
		if found, err := readJSON(filepath.Join(r.Dir(w.ID()), shimFile), &shim); !found || err != nil {
			t.Fatal(err)
		}
		if err := syscall.Kill(shim.PID, syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		await(t, w)
		if left := hidden(); len(left) > 0 {
			t.Errorf("processes %v are left", left)
		}
	})
}

func TestDisk_EndsWhoHoldsTooMuch(t *testing.T) {
	for name, script := range map[string]string{
		"a file":              "head -c 30M /dev/zero > file; sleep 1000",
		"in /tmp":             "cd ${TMP:-.}; head -c 30M /dev/zero > file; sleep 1000",
		"its output":          "head -c 30M /dev/zero; sleep 1000",
		"many empty files":    "mkdir d; cd d; seq 6000 | xargs touch; sleep 1000",
		"where it is closed":  "mkdir d; head -c 30M /dev/zero > d/file; chmod 0 d; sleep 1000",
		"a nest of folders":   "i=0; while [ $i -lt 300 ]; do mkdir d; cd d; i=$((i+1)); done; sleep 1000",
		"a file without name": "exec 3> file; rm file; head -c 30M /dev/zero >&3; sleep 1000",
		"a thread's file":     "/usr/bin/python3 -c '" + threadHolds + "'",
		"a mapping":           "/usr/bin/python3 -c '" + mappingHolds + "'",
	} {
		t.Run(name, func(t *testing.T) {
			r := sandboxed(t)
			if _, err := os.Stat("/usr/bin/python3"); err != nil && strings.Contains(script, "python3") {
				t.Skip(err)
			}
			command := shell(script)
			if name == "in /tmp" {
				command.Env = append(command.Env, "TMP=/tmp")
			}
			w := start(t, r, Spec{DiskMiB: 20, Command: command})
			exit := await(t, w)
			if exit.Reason != OutOfDisk ||
				!strings.Contains(exit.Message, "the worker held") && !strings.Contains(exit.Message, "nested deeper") {
				t.Errorf("it ended as %+v", exit)
			}
		})
	}
}

// threadHolds keeps a file without a name in a thread, after the first thread has ended.
const threadHolds = `
import ctypes, os, threading, time
def hold():
    f = open("fill", "wb", 0); os.unlink("fill")
    for i in range(30): f.write(bytes(1 << 20))
    time.sleep(1000)
threading.Thread(target=hold).start()
ctypes.CDLL(None).syscall(60 if os.uname().machine == "x86_64" else 93, 0)`

// mappingHolds keeps one in memory that is mapped.
const mappingHolds = `
import mmap, os, time
f = open("fill", "w+b", 0); os.unlink("fill")
for i in range(30): f.write(bytes(1 << 20))
kept = mmap.mmap(f.fileno(), 30 << 20); f.close()
for fd in range(3, 100):
    try: os.close(fd)
    except OSError: pass
time.sleep(1000)`

// What has more open than can be looked at in time is not looked at for ever.
func TestOpenFiles_AreBounded(t *testing.T) {
	looked := 0
	o := &openFiles{each: func(string) { looked++ }, left: 5}
	if err := o.process(os.Getpid()); !errors.Is(err, errTooMuchOpen) || looked > 5 {
		t.Errorf("after %d links: %v", looked, err)
	}
}

func TestDisk_LetsLiveWhoKeepsWithin(t *testing.T) {
	r := sandboxed(t)
	writes := shell("head -c 10M /dev/zero > file; truncate -s 1G holes; sleep 5; echo alive")
	w := start(t, r, Spec{DiskMiB: 20, Command: writes})
	if exit := await(t, w); exit.Reason != Exited || exit.Code != 0 {
		t.Errorf("it ended as %+v", exit)
	}
}

func TestHome_IsOnTheDiskForShuffleData(t *testing.T) {
	r := testRuntime(t)
	r.config.ShuffleDir = t.TempDir()
	if err := r.makeRoots(); err != nil {
		t.Fatal(err)
	}
	home, err := r.MakeHome("fast", HomeOptions{ShuffleDisk: true})
	if err != nil {
		t.Fatal(err)
	}
	home.Close()
	if !strings.HasPrefix(home.Seen, r.config.ShuffleDir) {
		t.Errorf("its home is %s", home.Seen)
	}
	if err := r.RemoveDir("fast"); err != nil || exists(home.path) {
		t.Errorf("it was not removed: %v", err)
	}
}

func TestRefusal_NamesTheProgramThatTheKernelDoesNotTake(t *testing.T) {
	both(t, func(t *testing.T, r *Runtime) {
		id := strings.ReplaceAll(idOf(t), "/", "-")
		home := homeFor(t, r, id)
		if err := home.Work.WriteFile("script", []byte("#!/no/such/interpreter\n"), 0o755); err != nil {
			t.Fatal(err)
		}
		w, err := r.Start(Spec{ID: id, Command: Command{Args: []string{home.Seen + "/script"}}})
		var refusal *Refusal
		exit := Exit{}
		if errors.As(err, &refusal) {
			exit = refusal.Exit
		} else if err == nil {
			exit = await(t, w)
		}
		if exit.Reason != FileNotFound || !strings.Contains(exit.Message, "script") {
			t.Errorf("%v, %+v", err, exit)
		}
	})
}
