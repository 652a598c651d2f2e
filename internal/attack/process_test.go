package attack

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/headrace/headrace/agent/runtime/sandbox"
	"github.com/headrace/headrace/cmd/headrace/config"
	"github.com/headrace/headrace/internal/netns"
	"github.com/headrace/headrace/internal/testcluster"
	"github.com/headrace/headrace/server"
)

// binaryVariable has the path of the binary that is attacked, for a test that runs again in a network of its own.
const binaryVariable = "HEADRACE_ATTACK_BINARY"

// endTime is how long a server or an agent may take to end.
const endTime = 40 * time.Second

func TestMain(m *testing.M) { os.Exit(withBinary(m.Run)) }

// withBinary builds the binary that is attacked, once for all tests.
func withBinary(run func() int) int {
	if os.Getenv(binaryVariable) != "" {
		return run()
	}
	dir, err := os.MkdirTemp("", "hr-attack-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer func() { _ = os.RemoveAll(dir) }()
	path := filepath.Join(dir, "headrace")
	const program = "github.com/headrace/headrace/cmd/headrace"
	if said, err := exec.Command("go", "build", "-trimpath", "-o", path, program).CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "cannot build the binary: %v\n%s", err, said)
		return 1
	}
	if err := os.Setenv(binaryVariable, path); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return run()
}

// process is a server or an agent.
type process struct {
	*exec.Cmd
	log   string        // path of what it says
	ended chan struct{} // closed when the next one is known
	err   error
}

// spawn starts one with its settings, of a folder with its settings and its log, which have its name.
func spawn(dir, role, name string) (*process, error) {
	p := &process{log: filepath.Join(dir, name+".log"), ended: make(chan struct{})}
	log, err := os.OpenFile(p.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	defer func() { _ = log.Close() }()
	p.Cmd = exec.Command(os.Getenv(binaryVariable), role, "--config", filepath.Join(dir, name+".yaml"))
	p.Stdout = log
	p.Stderr = log
	p.Dir = dir
	p.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	if err := p.Start(); err != nil {
		return nil, err
	}
	go func() { p.err = p.Wait(); close(p.ended) }()
	return p, nil
}

// stop asks it to end, and returns what was wrong with its end.
func (p *process) stop() error {
	select {
	case <-p.ended:
		return p.said(fmt.Errorf("it ended by itself: %w", p.err))
	default:
	}
	_ = p.Process.Signal(syscall.SIGTERM)
	kill := time.AfterFunc(endTime, func() { _ = p.Process.Kill() })
	<-p.ended
	if !kill.Stop() {
		return p.said(fmt.Errorf("it had not ended after %s", endTime))
	}
	if p.err != nil {
		return p.said(p.err)
	}
	return nil
}

// said adds the end of what it said to an error.
func (p *process) said(err error) error {
	said, readErr := os.ReadFile(p.log)
	return errors.Join(fmt.Errorf("%w; the end of what it said:\n%s", err, said[max(0, len(said)-4000):]), readErr)
}

// serverProcess starts a server of a cluster.
func serverProcess(c server.Config) (stop func() error, err error) {
	s := config.DefaultServer()
	s.ServerID = c.ServerID
	s.DataDir = c.DataDir
	s.KeyringFile = c.KeyringFile
	s.HTTPAddress = c.HTTPAddress
	s.GRPCAddress = c.GRPCAddress
	s.RaftAddress = c.RaftAddress
	s.GossipAddress = c.GossipAddress
	s.Join = c.Join
	s.BootstrapExpect = c.BootstrapExpect
	s.Lease = c.Lease
	s.NodeApproval = c.NodeApproval
	s.TLS = config.TLS{CAFile: c.TLS.CAFile, CertFile: c.TLS.CertFile, KeyFile: c.TLS.KeyFile}
	content, err := yaml.Marshal(s)
	if err != nil {
		return nil, err
	}
	dir := filepath.Dir(c.DataDir)
	if err := os.WriteFile(filepath.Join(dir, c.ServerID+".yaml"), content, 0o600); err != nil {
		return nil, err
	}
	p, err := spawn(dir, "server", c.ServerID)
	if err != nil {
		return nil, err
	}
	return p.stop, nil
}

// startCluster starts a cluster whose servers are processes.
func startCluster(t *testing.T, c testcluster.Config) *testcluster.Cluster {
	t.Helper()
	c.Run = serverProcess
	c.HTTP = true // a process always serves HTTP, too
	return testcluster.Start(t, c)
}

// apart says whether the test runs in a network of its own. If not, it has been run there, beside others, and is over.
// Only root makes networks: for others it is the machine's.
func apart(t *testing.T) bool {
	t.Helper()
	if !netns.Inside() {
		t.Parallel()
		if os.Geteuid() != 0 {
			return true
		}
	}
	return netns.Enter(t)
}

// inNetwork says the same of a test that needs such a network, and isolation, and all of the machine.
func inNetwork(t *testing.T) bool {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("isolation needs root")
	}
	if _, err := sandbox.Find(); err != nil {
		t.Skip(err)
	}
	return netns.Enter(t)
}
