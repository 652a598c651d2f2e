package e2e

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/headrace/headrace/agent/runtime/sandbox"
	"github.com/headrace/headrace/cmd/headrace/client"
	"github.com/headrace/headrace/cmd/headrace/config"
	"github.com/headrace/headrace/cmd/headrace/dev"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
)

const (
	firstPort = 14400 // of the first server of the first cluster that finds it free
	lastPort  = 40400 // from which they begin again
	portStep  = 1000  // what dev.FreeBase steps by
	nServers  = 3
)

// shape is what a test wants of its cluster.
type shape struct {
	nodes  []string             // names; the zone stands before the dash
	cpu    config.CPU           // of each node
	lease  time.Duration        // 0: the default
	change func(*config.Server) // other settings of the servers; nil: the defaults
	warm   bool                 // processes wait in slots; else nodes rehearse nothing, which takes CPU from the test
}

// cluster is a cluster of processes.
type cluster struct {
	t       *testing.T
	dir     string
	base    int
	servers []*process
	agents  map[string]*process
	client  *client.Client
}

// in returns the cluster for a subtest.
func (c *cluster) in(t *testing.T) *cluster {
	sub := *c
	sub.t = t
	return &sub
}

// newDir makes a directory with a short path, because sockets stand below it, and removes it when the test succeeded.
func newDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "hr-")
	if err == nil {
		dir, err = filepath.EvalSymlinks(dir)
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o755); err != nil { //nolint:gosec // workers of another user pass through
		t.Fatal(err)
	}
	t.Cleanup(func() { removeUnlessKept(t, dir) })
	return dir
}

func removeUnlessKept(t *testing.T, dir string) {
	if t.Failed() && os.Getenv("HEADRACE_E2E_KEEP") == "1" {
		t.Logf("kept: %s", dir)
		return
	}
	if err := os.RemoveAll(dir); err != nil {
		t.Errorf("cannot remove %s: %v", dir, err)
	}
}

// newCluster starts a cluster and waits until all its nodes are ready. At the test's end all of it is stopped.
func newCluster(t *testing.T, s shape) *cluster {
	t.Helper()
	c := &cluster{t: t, dir: newDir(t), base: newBase(), agents: map[string]*process{}}
	for _, sub := range []string{"logs", "servers", "nodes"} {
		if err := os.MkdirAll(c.path(sub), 0o755); err != nil { //nolint:gosec // as above
			t.Fatal(err)
		}
	}
	openDir(t, c.shared())
	t.Cleanup(c.stop)
	c.client = newClient(t, c.addresses(1))
	c.run("keyring", "create", c.path("keyring"))
	for i := range nServers {
		c.servers = append(c.servers, c.server(i, s))
		c.servers[i].start()
	}
	for _, name := range s.nodes {
		c.agents[name] = c.agent(name, s)
		c.agents[name].start()
	}
	c.ready(len(s.nodes))
	return c
}

// ports gives every cluster its own, as several run at once.
var ports struct {
	sync.Mutex
	next int // behind the newest that was given
}

// newBase returns the port of a cluster's first server, after those of the newest cluster; in the end it begins again.
func newBase() int {
	ports.Lock()
	defer ports.Unlock()
	if ports.next < firstPort || ports.next > lastPort {
		ports.next = firstPort
	}
	base := dev.FreeBase(ports.next)
	ports.next = base + portStep
	return base
}

func newClient(t *testing.T, servers []string) *client.Client {
	t.Helper()
	settings := client.DefaultConfig()
	settings.Servers = servers
	settings.RetryFor = 90 * time.Second
	cl, err := client.New(settings)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cl.Close() })
	return cl
}

func (c *cluster) path(parts ...string) string {
	return filepath.Join(append([]string{c.dir}, parts...)...)
}

// shared returns paths that programs see, too, and in which they may write.
func (c *cluster) shared(parts ...string) string {
	return c.path(append([]string{"shared"}, parts...)...)
}

// workerGroup is the group of all workers, which share what they write in shared directories.
const workerGroup = 2_999_999_999

// openDir makes a directory in which every worker may write, whoever its user is, as others may what it wrote.
func openDir(t *testing.T, dir string) {
	t.Helper()
	err := os.Mkdir(dir, 0o700)
	if os.Geteuid() == 0 {
		err = errors.Join(err, os.Chown(dir, 0, workerGroup))
	}
	if err := errors.Join(err, os.Chmod(dir, 0o777|os.ModeSetgid)); err != nil {
		t.Fatal(err)
	}
}

// addresses returns the servers' addresses of a port: 0 HTTP, 1 gRPC, 2 Raft, 3 gossip.
func (c *cluster) addresses(port int) []string { return addresses(c.base, port) }

func addresses(base, port int) []string {
	var all []string
	for i := range nServers {
		all = append(all, net.JoinHostPort("127.0.0.1", strconv.Itoa(base+10*i+port)))
	}
	return all
}

func (c *cluster) server(i int, of shape) *process {
	s := config.DefaultServer()
	s.ServerID = "server-" + strconv.Itoa(i+1)
	s.DataDir = c.path("servers", s.ServerID)
	s.KeyringFile = c.path("keyring")
	s.HTTPAddress = c.addresses(0)[i]
	s.GRPCAddress = c.addresses(1)[i]
	s.RaftAddress = c.addresses(2)[i]
	s.GossipAddress = c.addresses(3)[i]
	s.Join = c.addresses(3)
	s.BootstrapExpect = nServers
	if of.lease > 0 {
		s.Lease = of.lease
	}
	if of.change != nil {
		of.change(&s)
	}
	return c.child(s.ServerID, "server", c.path("servers", s.ServerID+".yaml"), &s)
}

func (c *cluster) agent(name string, of shape) *process {
	a := config.DefaultAgent()
	a.WarmWorkers = of.warm
	a.ClassData = false
	a.NodeName = name
	a.Servers = c.addresses(1)
	a.Host = "127.0.0.1"
	a.Zone, _, _ = strings.Cut(name, "-")
	a.DataDir = c.nodeDir(name)
	a.ReleaseDirs = []string{releaseDir(c.t)}
	a.Capacity = config.Capacity{CPU: of.cpu, Memory: 32 << 10, Disk: 400 << 10}
	a.StopWorkersOnExit = true
	a.DiskFullPercent = 100
	c.isolate(&a)
	if err := os.MkdirAll(a.DataDir, 0o755); err != nil { //nolint:gosec // as above
		c.t.Fatal(err)
	}
	return c.child(name, "agent", filepath.Join(a.DataDir, "agent.yaml"), &a)
}

// isolate has workers isolated where this machine can, as headrace dev does. They see the programs of the tests.
func (c *cluster) isolate(a *config.Agent) {
	a.SharedDirectories = []string{c.shared(), testdata(c.t), examples(c.t)}
	if _, err := sandbox.Find(); err == nil && os.Geteuid() == 0 {
		a.WorkerGroup = fmt.Sprint(workerGroup)
		return
	}
	self, err := user.Current()
	if err != nil {
		c.t.Fatal(err)
	}
	a.Isolation = config.IsolationNone
	a.SharedDirectories = nil
	if os.Geteuid() == 0 {
		a.WorkerUser = self.Username
	}
}

func (c *cluster) child(name, role, file string, settings any) *process {
	content, err := yaml.Marshal(settings)
	if err == nil {
		err = os.WriteFile(file, content, 0o600)
	}
	if err != nil {
		c.t.Fatal(err)
	}
	return &process{t: c.t, name: name, args: []string{role, "--config", file}, log: c.path("logs", name+".log")}
}

// ready waits until the cluster has a leader and that many nodes, and returns the leader.
func (c *cluster) ready(nodes int) *process {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(c.t.Context(), time.Minute)
	defer cancel()
	id, err := c.client.WaitReady(ctx, nodes)
	if err != nil {
		c.t.Fatal(err)
	}
	for _, s := range c.servers {
		if s.name == id && s.running() {
			return s
		}
	}
	return c.ready(nodes) // who answered has not noticed yet that this one is dead
}

// killLeader kills the leader and returns it.
func (c *cluster) killLeader() *process {
	c.t.Helper()
	leader := c.ready(0)
	leader.kill()
	return leader
}

// run runs a command of the command line that has to succeed, and returns what it printed.
func (c *cluster) run(args ...string) string {
	c.t.Helper()
	return command(c.t, strings.Join(c.addresses(1), ","), args...)
}

func command(t *testing.T, servers string, args ...string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, binary, args...)
	cmd.Env = append(os.Environ(), "HEADRACE_SERVER="+servers)
	out, err := cmd.Output()
	if err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			out = append(out, exit.Stderr...)
		}
		t.Fatalf("headrace %v: %v\n%s", args, err, out)
	}
	return string(out)
}

// status returns what the cluster says of itself.
func (c *cluster) status() *controlv1.GetClusterStatusResponse {
	c.t.Helper()
	cluster := controlv1.NewClusterServiceClient(c.client)
	status, err := cluster.GetClusterStatus(c.t.Context(), &controlv1.GetClusterStatusRequest{})
	if err != nil {
		c.t.Fatal(err)
	}
	return status
}

// stop ends agents, which end their workers, then servers, and fails the test if any process of the cluster is left.
func (c *cluster) stop() {
	if c.t.Failed() {
		c.showLogs()
	}
	var agents []*process
	for _, a := range c.agents {
		agents = append(agents, a)
	}
	for _, group := range [][]*process{agents, c.servers} {
		for _, p := range group {
			if p.running() {
				_ = p.cmd.Process.Signal(syscall.SIGTERM)
			}
		}
		for _, p := range group {
			if p.running() {
				p.end(syscall.SIGTERM)
			}
		}
	}
	nothingLeft(c.t, c.dir)
}

// nothingLeft fails the test if a process of a directory is left, and kills what is.
func nothingLeft(t *testing.T, dir string) {
	t.Helper()
	var left []proc
	defer func() {
		for _, p := range left {
			_ = syscall.Kill(p.pid, syscall.SIGKILL)
		}
	}()
	eventually(t, 10*time.Second, "no process is left behind", func() error {
		if left = procs(func(p proc) bool { return p.names(dir) }); len(left) > 0 {
			return fmt.Errorf("left: %v", left)
		}
		return nil
	})
}

// showLogs shows the end of what servers and agents said.
func (c *cluster) showLogs() {
	logs, _ := filepath.Glob(c.path("logs", "*.log"))
	for _, log := range logs {
		content, _ := os.ReadFile(log)
		c.t.Logf("the end of %s:\n%s", filepath.Base(log), content[max(0, len(content)-4000):])
	}
}
