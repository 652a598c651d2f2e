package firewall

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/containerd/cgroups/v3"
	"github.com/google/nftables"
	"golang.org/x/sys/unix"

	"github.com/headrace/headrace/internal/netns"
)

// TestMain is also a program of a worker: one that listens and answers, or one that calls.
func TestMain(m *testing.M) {
	if len(os.Args) == 3 {
		switch os.Args[1] {
		case "listen":
			os.Exit(listen(os.Args[2]))
		case "call":
			os.Exit(call(os.Args[2]))
		}
	}
	os.Exit(m.Run())
}

// listen says where it listens, and answers every call.
func listen(network string) int {
	listener, err := net.Listen(network, ":0")
	if err != nil {
		fmt.Println(err)
		return 1
	}
	fmt.Println(listener.Addr().(*net.TCPAddr).Port)
	for {
		conn, err := listener.Accept()
		if err != nil {
			return 1
		}
		_, _ = io.WriteString(conn, "hello\n")
		_ = conn.Close()
	}
}

// call says what it hears.
func call(address string) int {
	conn, err := net.DialTimeout("tcp", address, 10*time.Second)
	if err != nil {
		fmt.Println(err)
		return 1
	}
	_ = conn.SetDeadline(time.Now().Add(10 * time.Second))
	said, err := io.ReadAll(conn)
	fmt.Print(string(said))
	if err != nil || len(said) == 0 {
		fmt.Println(err)
		return 1
	}
	return 0
}

// world is a network of this test's own, with users in it.
type world struct {
	t        *testing.T
	firewall *Firewall
	tree     string // control group of all workers
}

const first, last = 1_900_000_000, 1_900_000_099

func newWorld(t *testing.T) *world {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("only root can make a network namespace and rules in it")
	}
	runtime.LockOSThread() // for good: the thread is in another network
	if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
		t.Skipf("cannot make a network namespace: %v", err)
	}
	if err := netns.LoopbackUp(); err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, tree: makeTree(t)}
	var err error
	if w.firewall, err = Open(w.config()); err != nil {
		t.Skip(err)
	}
	t.Cleanup(func() { _ = w.firewall.Close() })
	return w
}

// makeTree makes a control group of version 2 for the test's workers; empty: this machine has none.
func makeTree(t *testing.T) (path string) {
	t.Helper()
	roots := map[cgroups.CGMode]string{cgroups.Unified: "/sys/fs/cgroup", cgroups.Hybrid: "/sys/fs/cgroup/unified"}
	root := roots[cgroups.Mode()]
	if root == "" {
		return ""
	}
	path = filepath.Join(root, fmt.Sprintf("headrace-test-%d", os.Getpid()))
	if err := os.MkdirAll(path, 0o755); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.Remove(path) })
	return path
}

func (w *world) config() Config {
	return Config{First: first, Last: last, CgroupID: w.id(w.tree), Level: 1}
}

// id returns the id of a control group.
func (w *world) id(path string) uint64 {
	w.t.Helper()
	if w.tree == "" {
		return 0
	}
	var stat unix.Stat_t
	if err := unix.Stat(path, &stat); err != nil {
		w.t.Fatal(err)
	}
	return stat.Ino
}

// cgroup returns the control group of a user, which it makes.
func (w *world) cgroup(user uint32) string {
	w.t.Helper()
	path := filepath.Join(w.tree, fmt.Sprint(user))
	if err := os.MkdirAll(path, 0o755); err != nil {
		w.t.Fatal(err)
	}
	return path
}

// as starts a role as a user.
func (w *world) as(user uint32, args ...string) *exec.Cmd {
	command := exec.Command("/proc/self/exe", args...)
	command.SysProcAttr = &syscall.SysProcAttr{
		Credential: &syscall.Credential{Uid: user, Gid: user},
		Pdeathsig:  syscall.SIGKILL,
	}
	command.Dir = "/"
	if user >= first && user <= last && w.tree != "" {
		path := w.cgroup(user)
		dir, err := os.Open(path)
		if err != nil {
			w.t.Fatal(err)
		}
		w.t.Cleanup(func() { _ = dir.Close(); _ = os.Remove(path) })
		command.SysProcAttr.UseCgroupFD, command.SysProcAttr.CgroupFD = true, int(dir.Fd())
	}
	return command
}

// admit admits a user.
func (w *world) admit(user uint32, group string) {
	w.t.Helper()
	if err := w.firewall.Admit(user, w.id(w.cgroup(user)), group); err != nil {
		w.t.Fatal(err)
	}
}

// listening starts who listens, as a user, and returns the port.
func (w *world) listening(user uint32) (port string) {
	w.t.Helper()
	command := w.as(user, "listen", "tcp")
	out, err := command.StdoutPipe()
	if err == nil {
		err = command.Start()
	}
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { _ = command.Process.Kill(); _ = command.Wait() })
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		w.t.Fatal(err)
	}
	return strings.TrimSpace(line)
}

// reaches says whether a user hears something at an address.
func (w *world) reaches(user uint32, address string) bool {
	w.t.Helper()
	said, err := w.as(user, "call", address).Output()
	if err == nil {
		return string(said) == "hello\n"
	}
	if exit := (*exec.ExitError)(nil); !errors.As(err, &exit) {
		w.t.Fatal(err)
	}
	if !strings.Contains(string(said), "refused") && !strings.Contains(string(said), "reset") {
		w.t.Errorf("user %d was not told that %s is closed: %q", user, address, said)
	}
	return false
}

func (w *world) check(what string, user uint32, address string, want bool) {
	w.t.Helper()
	if got := w.reaches(user, address); got != want {
		w.t.Errorf("%s: user %d reaches %s: %v", what, user, address, got)
	}
}

func TestFirewall_OpensPortsToTheirGroupAlone(t *testing.T) {
	w := newWorld(t)
	if w.tree == "" {
		t.Skip("this machine has no control groups of version 2")
	}
	for user, group := range map[uint32]string{first: "run-1", first + 1: "run-1", first + 2: "run-2"} {
		w.admit(user, group)
	}
	port, agents := w.listening(first), w.listening(0)
	for _, host := range []string{"127.0.0.1:", "[::1]:"} {
		w.check("itself", first, host+port, true)
		w.check("of its group", first+1, host+port, true)
		w.check("of another group", first+2, host+port, false)
		w.check("the agent", 0, host+port, true)
		w.check("somebody who is no worker", 65534, host+port, true)
		w.check("what is no worker's", first+2, host+agents, true)
	}
	w.admit(first+2, "run-1")
	w.check("moved into the group", first+2, "127.0.0.1:"+port, true)
	if err := w.firewall.Dismiss(first + 1); err != nil {
		t.Fatal(err)
	}
	w.admit(first+1, "run-3")
	w.check("a user that another worker got", first+1, "127.0.0.1:"+port, false)
}

// Two agents of one machine know nothing of each other; a run has workers of both.
func TestFirewall_OpensPortsToTheirGroupOfOtherAgents(t *testing.T) {
	w := newWorld(t)
	if w.tree == "" {
		t.Skip("this machine has no control groups of version 2")
	}
	other := *w
	other.tree = filepath.Join(w.tree, "other") // as agents are below one group
	inner := filepath.Join(w.tree, "inner")
	for _, tree := range []string{other.tree, inner} {
		if err := os.Mkdir(tree, 0o755); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = os.Remove(tree) })
	}
	w.tree = inner
	open := func(of *world, first, last uint32) {
		var err error
		if of.firewall, err = Open(Config{First: first, Last: last, CgroupID: of.id(of.tree), Level: 2}); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = of.firewall.Remove(); _ = of.firewall.Close() })
	}
	open(w, first, first+9)
	open(&other, first+10, last)
	w.admit(first, "run-1")
	w.admit(first+1, "run-2")
	other.admit(first+10, "run-1")
	other.admit(first+11, "run-2")
	port, others := w.listening(first), other.listening(first+10)
	w.check("itself", first, "127.0.0.1:"+port, true)
	w.check("of its run, of the other agent", first, "127.0.0.1:"+others, true)
	w.check("of another run", first+1, "127.0.0.1:"+port, false)
	w.check("of another run, of the other agent", first+1, "127.0.0.1:"+others, false)
	other.check("of its run, of the other agent", first+10, "127.0.0.1:"+port, true)
	other.check("of another run, of the other agent", first+11, "127.0.0.1:"+port, false)
}

func TestFirewall_KeepsWorkersFromServers(t *testing.T) {
	w := newWorld(t)
	guarded, open := w.listening(0), w.listening(0)
	servers := []string{"127.0.0.1:" + guarded, "[::1]:" + guarded, "no-such-host.invalid:1", "nonsense"}
	if err := w.firewall.Guard(servers); err != nil {
		t.Fatal(err)
	}
	for _, host := range []string{"127.0.0.1:", "[::1]:"} {
		w.check("a worker", first+7, host+guarded, false)
		w.check("the last user", last, host+guarded, false)
		w.check("a user behind the last", last+1, host+guarded, true)
		w.check("the agent", 0, host+guarded, true)
		w.check("another port", first+7, host+open, true)
	}
	if err := w.firewall.Guard([]string{"127.0.0.1:" + open, "10.1.2.3:" + guarded}); err != nil {
		t.Fatal(err)
	}
	w.check("a server that left", first, "127.0.0.1:"+guarded, true)
	w.check("a server that came", first, "127.0.0.1:"+open, false)
}

// A server listens at all addresses of its machine, and says one of them.
func TestFirewall_KeepsWorkersFromServersAtEveryAddressOfTheirMachine(t *testing.T) {
	w := newWorld(t)
	guarded := w.listening(0)
	if err := w.firewall.Guard([]string{"[::1]:" + guarded}); err != nil {
		t.Fatal(err)
	}
	for _, host := range []string{"127.0.0.1:", "127.1.2.3:", "[::1]:"} {
		w.check("a worker", first, host+guarded, false)
		w.check("the agent", 0, host+guarded, true)
	}
}

func TestFirewall_ComesBack(t *testing.T) {
	w := newWorld(t)
	if w.tree == "" {
		t.Skip("this machine has no control groups of version 2")
	}
	guarded := w.listening(0)
	if err := w.firewall.Guard([]string{"127.0.0.1:" + guarded}); err != nil {
		t.Fatal(err)
	}
	w.admit(first, "run-1")
	w.admit(first+1, "run-1")
	w.admit(first+2, "run-2")
	port := w.listening(first)
	if gone, err := w.firewall.Restore(); gone || err != nil {
		t.Errorf("gone %v, %v", gone, err)
	}
	w.flush()
	w.check("while the rules are gone", first, "127.0.0.1:"+guarded, true)
	if gone, err := w.firewall.Restore(); !gone || err != nil {
		t.Errorf("gone %v, %v", gone, err)
	}
	w.check("a server", first, "127.0.0.1:"+guarded, false)
	w.check("of its group", first+1, "127.0.0.1:"+port, true)
	w.check("of another group", first+2, "127.0.0.1:"+port, false)
	w.admit(first+2, "run-1")
	w.check("moved into the group", first+2, "127.0.0.1:"+port, true)
}

// flush does what `nft flush ruleset` does.
func (w *world) flush() {
	w.t.Helper()
	conn, err := nftables.New()
	if err != nil {
		w.t.Fatal(err)
	}
	conn.FlushRuleset()
	if err := conn.Flush(); err != nil {
		w.t.Fatal(err)
	}
}

func TestFirewall_IsReplacedAndRemoved(t *testing.T) {
	w := newWorld(t)
	guarded := w.listening(0)
	if err := errors.Join(w.firewall.Guard([]string{"127.0.0.1:" + guarded}), w.firewall.Close()); err != nil {
		t.Fatal(err)
	}
	w.check("with the agent away", first, "127.0.0.1:"+guarded, false)
	config := w.config()
	config.Servers = []string{"127.0.0.1:" + guarded, "localhost:1"}
	again, err := Open(config)
	if err != nil {
		t.Fatal(err)
	}
	w.check("with a new agent", first, "127.0.0.1:"+guarded, false)
	if err := errors.Join(again.Admit(first, 1, "run"), again.Remove(), again.Close()); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(w.config()); err != nil {
		t.Errorf("after it was removed: %v", err)
	}
}
