package attack

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/headrace/headrace/cmd/headrace/config"
)

// bobsSecret is in the environment, in the home, in a socket and behind a port of bob's program.
const bobsSecret = "hunter2-of-bob"

// bobsProgram keeps a secret wherever a program has any, and ends well when the file bob-may-end is there. Its task
// calls its driver.
const bobsProgram = `
umask 000
echo $SECRET > secret; echo $SECRET > /tmp/secret; echo $SECRET > /dev/shm/secret
python3 - <<'PYTHON' &
import os, socket, threading
def serve(listener):
    while True:
        conn, _ = listener.accept()
        conn.sendall(os.environ["SECRET"].encode() + b"\n")
        conn.close()
inner = socket.socket(socket.AF_UNIX); inner.bind("/tmp/socket"); inner.listen(); os.chmod("/tmp/socket", 0o777)
abstract = socket.socket(socket.AF_UNIX); abstract.bind("\0bob"); abstract.listen()
outer = socket.socket(); outer.bind(("0.0.0.0", 0)); outer.listen()
for listener in (inner, outer): threading.Thread(target=serve, args=(listener,)).start()
print("port", outer.getsockname()[1], flush=True)
serve(abstract)
PYTHON
mkfifo /tmp/never; exec 9<>/tmp/never # to wait without a process for it
until [ -e %[1]s/bob-may-end ]; do read -t 0.05 -u 9; done
kill %%1
cat secret`

// evesProgram looks for the secret wherever this machine may have it, and does what harm it can.
const evesProgram = `
exec 2>&1
echo "== processes"; ls /proc | grep -c '^[0-9]'
cat /proc/*/environ | tr '\0' '\n' | grep -a SECRET
for p in /proc/[0-9]*; do cat $p/root/proc/1/environ $p/cwd/secret; done 2>/dev/null
echo "== files"
grep -rsl --include=secret . /tmp /var/tmp /dev/shm /home /run /opt /srv /mnt 2>/dev/null
ls -R %[2]s %[3]s
cat %[3]s/node-1-key.pem %[2]s/agent/node.json
ls /etc/headrace /var/lib/headrace /root
echo "== sockets"
python3 - <<'PYTHON'
import socket, glob
for address in ["\0bob"] + glob.glob("/tmp/**", recursive=True) + glob.glob("/run/**", recursive=True):
    s = socket.socket(socket.AF_UNIX); s.settimeout(2)
    try: s.connect(address); print("reached", repr(address), s.recv(100))
    except OSError as e: pass
for port in [%[4]d, 7400, 7401, 7402, 7403]:
    for host in ["127.0.0.1", "127.0.0.2", "0.0.0.0"]:
        s = socket.socket(); s.settimeout(2)
        try: s.connect((host, port)); print("reached", host, port, s.recv(100))
        except OSError as e: print("closed", host, port, e)
PYTHON
echo "== signals"
kill -9 -1
( for p in $(seq 2 40000); do [ $p = $BASHPID ] || [ $p = $$ ] || kill -9 $p; done ) 2>/dev/null
echo "== system"
touch /usr/x /etc/x /sys/x /proc/sys/kernel/x
mount -t tmpfs x /mnt; chroot / true; unshare -rm true; unshare -Ur true; mknod x b 8 0; nsenter -t 1 -a true; dmesg
echo x > /proc/sysrq-trigger; echo 1 > /proc/sys/kernel/panic; ls /sys/fs/cgroup/*/
su -c id </dev/null; sudo -n id
grep -E 'CapEff|CapBnd|CapPrm|CapAmb|NoNewPrivs|Seccomp:' /proc/self/status
id -u; echo "done"`

// eve's program, beside bob's on the same machine, as any two tenants' are: it sees, reads, signals and reaches nothing
// of bob's, nor of the agent, the server or the machine; bob's program does not notice it.
func TestWorker_IsAStranger(t *testing.T) {
	if !inNetwork(t) {
		return
	}
	w := newWorkerWorld(t, nil)
	request := w.bob.script(fmt.Sprintf(bobsProgram, w.shared()))
	request.GetSpec().GetDriver().GetProcess().SetEnvironment(map[string]string{"SECRET": bobsSecret})
	bobs := w.bob.submit(request)
	var port int
	if _, err := fmt.Sscanf(w.bob.says(bobs, "port "), "port %d", &port); err != nil {
		t.Fatal(err)
	}
	before := w.workerProcesses(bobs)

	said := w.eve.runs(fmt.Sprintf(evesProgram, w.shared(), w.dir, w.path("ca"), port))
	if !strings.HasSuffix(strings.TrimSpace(said), "done") {
		t.Errorf("eve's program did not come to its end:\n%s", said)
	}
	for what, word := range map[string]string{
		"bob's secret":         bobsSecret,
		"the agent's key":      "PRIVATE KEY",
		"a listener":           "reached",
		"another's process":    bobs.GetJobRunId(),
		"root":                 "uid=0",
		"the server's folders": "keyring",
	} {
		if strings.Contains(said, word) {
			t.Errorf("eve's program came to %s:\n%s", what, said)
		}
	}
	for _, line := range []string{
		"CapEff:\t0000000000000000",
		"CapBnd:\t0000000000000000",
		"CapPrm:\t0000000000000000",
		"CapAmb:\t0000000000000000",
		"NoNewPrivs:\t1",
		"Seccomp:\t2",
	} {
		if !strings.Contains(said, line) {
			t.Errorf("eve's program has not %q:\n%s", line, said)
		}
	}
	for _, made := range []string{"/usr/x", "/etc/x"} {
		if _, err := os.Lstat(made); err == nil {
			t.Errorf("%s was made", made)
		}
	}
	if after := w.workerProcesses(bobs); fmt.Sprint(after) != fmt.Sprint(before) {
		t.Errorf("bob's processes were %v, and are %v", before, after)
	}
	if heard := call(t, port); !strings.Contains(heard, bobsSecret) {
		t.Errorf("bob's program does not answer this machine's root: %q", heard)
	}
	w.open("bob-may-end")
	if said := w.bob.succeeds(bobs); !strings.Contains(said, bobsSecret) {
		t.Errorf("bob's program said %q", said)
	}
}

// call returns what a listener says to somebody who is no worker.
func call(t *testing.T, port int) string {
	t.Helper()
	conn, err := net.DialTimeout("tcp", address(port), 5*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	said := make([]byte, 100)
	n, _ := conn.Read(said)
	return string(said[:n])
}

// A run's own workers reach each other, whatever their users: the firewall keeps only strangers out.
func TestWorker_ReachesItsOwnRun(t *testing.T) {
	if !inNetwork(t) {
		return
	}
	w := newWorkerWorld(t, nil)
	request := w.bob.script(`
if [ $HEADRACE_ROLE = driver ]; then
  exec python3 -c 'import socket
s = socket.socket(); s.bind(("0.0.0.0", 19999)); s.listen()
c, _ = s.accept(); print("heard", c.recv(100)); c.sendall(b"well")'
fi
until exec 3<>/dev/tcp/$HEADRACE_DRIVER_HOST/19999; do sleep 0.1; done 2>/dev/null
echo hello >&3; grep well <&3 >/dev/null`)
	program := request.GetSpec().GetDriver().GetProcess()
	program.SetTasks(1)
	program.SetTaskSize(program.GetDriverSize())
	if said := w.bob.succeeds(w.bob.submit(request)); !strings.Contains(said, "hello") {
		t.Errorf("the driver said %q", said)
	}
}

// A worker whose agent and shim are killed together is dead at once, with all that hid in sessions of their own:
// nothing runs beside the worker that takes its place.
func TestWorker_NothingOutlivesItsShim(t *testing.T) {
	if !inNetwork(t) {
		return
	}
	w := newWorkerWorld(t, nil)
	beats := w.shared() + "/beats"
	run := w.eve.submit(w.eve.script(`
for i in 1 2 3; do
setsid setsid sh -c 'trap "" HUP TERM INT; while :; do date +%s%N >> ` + beats + `; sleep 0.02; done' &
done
echo hidden; sleep 1000`))
	w.must(os.WriteFile(w.shared("beats"), nil, 0o666), os.Chmod(w.shared("beats"), 0o666)) //nolint:gosec // eve writes it
	w.eve.says(run, "hidden")
	w.await("what hides beats", time.Minute, func() error { return grows(w.shared("beats")) })
	pids := w.workerProcesses(run)
	if len(pids) < 4 {
		t.Fatalf("only %v run", pids)
	}
	w.must(w.agent.Process.Kill())
	for _, shim := range w.shims() {
		w.must(syscall.Kill(shim, syscall.SIGKILL))
	}
	w.await("all are dead", 2*time.Second, func() error {
		if left := w.workerProcesses(run); len(left) > 0 {
			return fmt.Errorf("%v live", left)
		}
		return nil
	})
	if err := grows(w.shared("beats")); err == nil {
		t.Error("something beats on")
	}
	w.spawn("agent")
	if last, _ := w.eve.ends(run); last.GetState() != "FAILED" {
		t.Errorf("the run is %v", last)
	}
}

// grows returns nil if a file grows within a few beats.
func grows(path string) error {
	before, err := os.Stat(path)
	if err != nil {
		return err
	}
	limit := time.NewTimer(500 * time.Millisecond)
	defer limit.Stop()
	<-limit.C
	after, err := os.Stat(path)
	if err == nil && after.Size() == before.Size() {
		err = fmt.Errorf("it has %d bytes still", after.Size())
	}
	return err
}

// shims returns the shims of this world's agent.
func (w *workerWorld) shims() (pids []int) {
	commands, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	for _, path := range commands {
		content, _ := os.ReadFile(path)
		var pid int
		if strings.HasPrefix(string(content), os.Getenv(binaryVariable)+"\x00shim\x00"+w.path("agent")) {
			_, _ = fmt.Sscanf(path, "/proc/%d/cmdline", &pid)
			pids = append(pids, pid)
		}
	}
	return pids
}

// bombLimit bounds the processes of a worker.
const bombLimit = 400

func limited(_ *workerWorld, a *config.Agent) { a.WorkerProcesses = bombLimit }

// A fork bomb fills its own limit. Meanwhile others start and end on the same machine, and at the cancel all of it is
// gone.
func TestWorker_AForkBombIsBounded(t *testing.T) {
	if !inNetwork(t) {
		return
	}
	w := newWorkerWorld(t, limited)
	bomb := w.eve.submit(
		w.eve.script(`echo lit; bomb() { bomb | bomb & wait; }; while :; do bomb; sleep 0.1; done 2>/dev/null`),
	)
	w.eve.says(bomb, "lit")
	w.await("the bomb is at its limit", time.Minute, func() error {
		if n := len(w.workerProcesses(bomb)); n < bombLimit*3/4 {
			return fmt.Errorf("it has %d processes", n)
		}
		return nil
	})
	for range 3 {
		if said := w.bob.runs("echo well"); said != "well\n" {
			t.Errorf("beside the bomb bob's program said %q", said)
		}
		if n := len(w.workerProcesses(bomb)); n > bombLimit {
			t.Errorf("the bomb has %d processes", n)
		}
	}
	w.eve.cancels(bomb)
	if left := w.workerProcesses(bomb); len(left) > 0 {
		t.Errorf("%d processes of the bomb are left", len(left))
	}
}

// What is over its disk fails within seconds with the bytes, wherever it writes, and others go on.
func TestWorker_ADiskFillerFails(t *testing.T) {
	if !inNetwork(t) {
		return
	}
	w := newWorkerWorld(t, nil)
	for name, script := range map[string]string{
		"its home":         `head -c 1500M /dev/zero > fill`,
		"/var/tmp":         `head -c 1500M /dev/zero > /var/tmp/fill`,
		"a file unlinked":  `exec 3>fill; rm fill; head -c 1500M /dev/zero >&3`,
		"a hidden folder":  `mkdir -p a/b; head -c 1500M /dev/zero > a/b/fill; chmod 000 a/b a`,
		"its standard out": `head -c 1500M /dev/zero`,
	} {
		last := w.eve.over(w.eve.submit(w.eve.script(script + "; sleep 1000")))
		if kind := last.GetFailure().GetKind(); kind != "OUT_OF_DISK" || !strings.Contains(last.GetStateDetails(), "MiB") {
			t.Errorf("%s: the run failed %s: %s", name, kind, last.GetStateDetails())
		}
	}
	w.bob.runs("true")
}
