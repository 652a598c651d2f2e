package main

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/headrace/headrace/internal/every"
)

// reader is the machine that blocks without a machine of their own are run on, if a page has machines.
const reader = "reader"

// machinePath are the directories that a machine has before PATH: /usr/local/bin is its own.
const machinePath = "/usr/local/bin:/usr/local/sbin"

// namespaces are what a machine has of its own.
var namespaces = []string{"--net", "--mount", "--pid", "--uts", "--ipc"}

// upTime is how long a machine has to come up.
const upTime = 30 * time.Second

var (
	//go:embed machine.sh
	machineScript []byte
	//go:embed systemctl.sh
	systemctlScript []byte
)

// network is the machines of a page, and what connects them.
type network struct {
	bridge   *machine // has the bridge, and nothing else
	machines map[string]*machine
}

// machine is a process that has namespaces of its own.
type machine struct {
	name    string
	dir     string // of this machine's, where its root is made
	process *exec.Cmd
	first   int // process 1 of the machine, as this machine numbers it
}

// newNetwork makes machines, which see the checkout. Each has the address that its name ends with: server-2 is
// 10.0.0.2, node-1 is 10.0.1.1.
func newNetwork(ctx context.Context, root, dir string, names []string) (_ *network, err error) {
	if os.Geteuid() != 0 {
		return nil, errors.New("a page with machines of its own is walked by root only")
	}
	n := &network{machines: map[string]*machine{}}
	defer func() {
		if err != nil {
			n.close()
		}
	}()
	scripts := filepath.Join(dir, "scripts")
	shared := filepath.Join(dir, "shared")
	if err := errors.Join(
		os.MkdirAll(scripts, 0o755),
		os.MkdirAll(shared, 0o755),
		os.WriteFile(filepath.Join(scripts, "machine.sh"), machineScript, 0o600),
		os.WriteFile(filepath.Join(scripts, "systemctl.sh"), systemctlScript, 0o600),
	); err != nil {
		return nil, err
	}
	if n.bridge, err = newBridge(ctx); err != nil {
		return nil, err
	}
	for i, name := range names {
		m, err := newMachine(ctx, filepath.Join(dir, name), name, shared, scripts, root)
		if err != nil {
			return nil, err
		}
		n.machines[name] = m
		if err := n.connect(ctx, m, i); err != nil {
			return nil, err
		}
	}
	return n, nil
}

// machine returns a machine; for the empty name the reader's, and nil, which is this machine, if there are none.
func (n *network) machine(name string) *machine {
	if n == nil {
		return nil
	}
	if name == "" {
		name = reader
	}
	return n.machines[name]
}

// newBridge makes a network with nothing but a bridge.
func newBridge(ctx context.Context) (*machine, error) {
	m := &machine{name: "bridge"}
	script := "ip link add bridge0 type bridge && ip link set bridge0 up && echo up && exec sleep infinity"
	m.process = exec.CommandContext(ctx, "unshare", "--net", "bash", "-c", script)
	m.process.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	m.process.Stderr = os.Stderr
	said, err := m.process.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := m.process.Start(); err != nil {
		return nil, err
	}
	m.first = m.process.Process.Pid
	if _, err := io.ReadFull(said, make([]byte, len("up\n"))); err != nil {
		m.close()
		return nil, fmt.Errorf("make a network: %w", err)
	}
	return m, nil
}

// newMachine makes a machine, whose root is below dir.
func newMachine(ctx context.Context, dir, name, shared, scripts, checkout string) (*machine, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	m := &machine{name: name, dir: dir}
	words := slices.Concat(namespaces, []string{"--fork", "--kill-child", "bash"})
	script := filepath.Join(scripts, "machine.sh")
	m.process = exec.CommandContext(ctx, "unshare", append(words, script, name, dir, shared, scripts, checkout)...)
	m.process.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	m.process.Stdout = os.Stderr
	m.process.Stderr = os.Stderr
	if err := m.process.Start(); err != nil {
		return nil, err
	}
	err := eventually(ctx, upTime, func() bool {
		m.first = childOf(m.process.Process.Pid)
		_, err := os.Stat(m.path("/var/lib/machine"))
		return m.first > 0 && err == nil
	})
	if err != nil {
		m.close()
		return nil, fmt.Errorf("machine %s does not come up: %w", name, err)
	}
	return m, nil
}

// path returns where this machine finds a file of the machine.
func (m *machine) path(of string) string { return fmt.Sprintf("/proc/%d/root%s", m.first, of) }

// childOf returns the only child of a process; 0 if it has none.
func childOf(pid int) int {
	children, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", pid, pid))
	if err != nil {
		return 0
	}
	child, err := strconv.Atoi(strings.TrimSpace(string(children)))
	if err != nil {
		return 0
	}
	return child
}

// connect gives a machine its address, and puts its cable into the bridge.
func (n *network) connect(ctx context.Context, m *machine, number int) error {
	cable := "cable" + strconv.Itoa(number)
	of, err := addressOf(m.name)
	if err != nil {
		return err
	}
	plug := fmt.Sprintf("ip link add %s type veth peer name eth0 netns %d && ip link set %s master bridge0 up",
		cable, m.first, cable)
	address := fmt.Sprintf("ip address add %s/8 dev eth0 && ip link set eth0 up", of)
	return errors.Join(n.bridge.network(ctx, plug), m.network(ctx, address))
}

// maxNumber is the highest number of a machine that is the end of an address.
const maxNumber = 254

// addressOf returns the address of a machine.
func addressOf(name string) (string, error) {
	if name == reader {
		return "10.0.9.1", nil
	}
	kind, number, _ := strings.Cut(name, "-")
	networks := map[string]string{"server": "10.0.0.", "node": "10.0.1."}
	n, err := strconv.Atoi(number)
	if err != nil || n < 1 || n > maxNumber || networks[kind] == "" {
		return "", fmt.Errorf("walk: %q is no machine: %s, server-N or node-N with N from 1 to %d", name, reader, maxNumber)
	}
	return networks[kind] + strconv.Itoa(n), nil
}

// network runs a script with a machine's network alone.
func (m *machine) network(ctx context.Context, script string) error {
	c := exec.CommandContext(ctx, "nsenter", "--net", "--target", strconv.Itoa(m.first), "bash", "-c", script)
	if said, err := c.CombinedOutput(); err != nil {
		return fmt.Errorf("network of %s: %w: %s", m.name, err, said)
	}
	return nil
}

// enter returns the words before a command that is run on the machine. On none it is run on this one.
func (m *machine) enter() []string {
	if m == nil {
		return nil
	}
	return slices.Concat([]string{"nsenter"}, namespaces, []string{"--target", strconv.Itoa(m.first), "--"})
}

// eventually waits for a condition.
func eventually(ctx context.Context, limit time.Duration, holds func() bool) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	for !holds() {
		if !every.Pause(ctx, 50*time.Millisecond) {
			return ctx.Err()
		}
	}
	return nil
}

// showLogs writes the ends of the logs of units.
func (n *network) showLogs(to io.Writer) {
	if n == nil {
		return
	}
	for name, m := range n.machines {
		logs, _ := filepath.Glob(m.path("/var/log/headrace-*.log"))
		for _, log := range logs {
			text, _ := exec.Command("tail", "-n", "15", log).Output()
			_, _ = fmt.Fprintf(to, "\n=== %s: %s\n%s", name, filepath.Base(log), text)
		}
	}
}

// close ends all machines, with what runs on them.
func (n *network) close() {
	if n == nil {
		return
	}
	for _, m := range n.machines {
		m.close()
	}
	if n.bridge != nil {
		n.bridge.close()
	}
}

// close kills process 1 of the machine, and with it all that it runs.
func (m *machine) close() {
	_ = m.process.Process.Kill()
	_ = m.process.Wait()
}
