package dev

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/headrace/headrace/cmd/headrace/output"
	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/resource"
)

// Config is what Run needs. Begin with DefaultConfig.
type Config struct {
	// DataDir is the absolute path of the directory that holds everything of the cluster but releases.
	DataDir string
	// ReleaseCache is the directory of releases that all agents share.
	ReleaseCache string
	// Executable is the binary that runs as server, agent and shim.
	Executable string
	// BasePort is the first server's first port; each server has four, and the next one begins ten further.
	BasePort int
	// Python is the interpreter for PySpark; empty: python3.
	Python string
	// NotIsolated is why workers are not isolated; empty if they are.
	NotIsolated string
	// WorkerUser is the user of workers that are not isolated; empty: the user who runs the cluster.
	WorkerUser string
	// WorkerGroup is the group of all workers that are isolated, by its number.
	WorkerGroup uint32
	// Shared are directories that workers see, besides SharedDir.
	Shared []string
	// Out receives a line for everything that people should know.
	Out io.Writer
	// Ready waits until the cluster at those servers has a leader and so many ready nodes, and returns the leader's
	// name.
	Ready func(ctx context.Context, servers []string, nodes int) (leader string, err error)
	// OnReady is called once when the cluster is ready; Run ends when it returns an error. It may be nil.
	OnReady func(ctx context.Context) error
	// RestartFirst and RestartMax are the shortest and the longest pause before a child that died is started again.
	RestartFirst, RestartMax time.Duration
	// StopPatience is how long a child may take to stop before it is killed; longer than agents wait for their workers.
	StopPatience time.Duration
}

// DefaultConfig returns a configuration that lacks DataDir, ReleaseCache, Executable, Out and Ready.
func DefaultConfig() Config {
	return Config{
		BasePort:     7400,
		RestartFirst: 500 * time.Millisecond,
		RestartMax:   30 * time.Second,
		StopPatience: 45 * time.Second,
	}
}

func (c Config) say(format string, args ...any) { _ = output.Print(c.Out, format+"\n", args...) }

// Run runs the cluster until the context ends or OnReady returns, and leaves no process behind. If killed is cancelled,
// it kills everything and waits for nothing.
func Run(ctx, killed context.Context, c Config) error {
	release, err := c.prepare()
	if err != nil {
		return err
	}
	defer release()
	serving, agents, err := c.plan()
	if err != nil {
		return err
	}
	c.introduce()
	err = c.supervise(ctx, killed, serving, agents)
	return errors.Join(err, c.checkLeft())
}

// prepare makes the data directory ready: locked, clean, with a keyring, and its ports free.
func (c Config) prepare() (release func(), err error) {
	for _, dir := range []string{c.path("config"), c.path("logs"), c.ReleaseCache} {
		if err := os.MkdirAll(dir, 0o711); err != nil { //nolint:gosec // workers pass through to their own
			return nil, errs.New(errs.Unavailable, "cannot make the data directory: %w", err)
		}
	}
	if release, err = c.lock(); err != nil {
		return nil, err
	}
	for _, prepare := range []func() error{c.cleanUp, c.rotateLogs, c.makeKeyring, c.makeShared, c.checkPorts} {
		if err := prepare(); err != nil {
			release()
			return nil, err
		}
	}
	return release, nil
}

func (c Config) cleanUp() error {
	ended, err := clean(c.DataDir)
	if ended > 0 {
		c.say("ended %s that an earlier headrace dev left behind", counted(ended))
	}
	return err
}

// introduce says what runs, and what is not as it would be in earnest.
func (c Config) introduce() {
	zone := offered()
	c.say("headrace dev: a cluster on this machine, to try things out. Its connections are plain and on loopback only.")
	c.say("data      %s (logs below logs)", c.DataDir)
	c.say("releases  %s", c.ReleaseCache)
	c.say("servers   %s", strings.Join(c.Servers(), ", "))
	c.say(
		"nodes     %d in zones %s; each zone offers %s vCPU, %s, %s disk",
		len(Zones())*agentsPerZone,
		strings.Join(Zones(), ", "),
		resource.FormatCPU(int64(zone.CPU)*agentsPerZone),
		resource.FormatMiB(int64(zone.Memory)*agentsPerZone),
		resource.FormatMiB(int64(zone.Disk)*agentsPerZone),
	)
	c.say("          that is more than this machine has (%d vCPU, %s), so that runs of default sizes start",
		runtime.NumCPU(), machineMemory())
	c.introduceIsolation()
}

// introduceIsolation says what keeps workers apart, and where they and people find each other's files.
func (c Config) introduceIsolation() {
	if c.NotIsolated != "" {
		c.say("workers   are not isolated: their programs can do what you can. %s", c.NotIsolated)
		return
	}
	c.say("workers   are isolated; they see of this machine its system, and %s", strings.Join(c.shared(), ", "))
}

// SharedDir is the directory where workers, and the user who runs the cluster, may write.
func (c Config) SharedDir() string { return c.path("shared") }

func (c Config) shared() []string { return append([]string{c.SharedDir()}, c.Shared...) }

// makeShared makes the directory that is shared: whatever is made there belongs to the workers' group.
func (c Config) makeShared() error {
	dir := c.SharedDir()
	err := os.MkdirAll(dir, 0o700)
	if err == nil && c.WorkerGroup != 0 {
		err = os.Chown(dir, -1, int(c.WorkerGroup))
	}
	if err == nil && c.WorkerGroup != 0 {
		err = os.Chmod(dir, 0o775|os.ModeSetgid)
	}
	if err != nil {
		return errs.New(errs.Unavailable, "cannot make the directory that workers share: %w", err)
	}
	return nil
}

func machineMemory() string {
	var info unix.Sysinfo_t
	if err := unix.Sysinfo(&info); err != nil {
		return "unknown memory"
	}
	return resource.FormatMiB(int64(info.Totalram) * int64(info.Unit) >> 20)
}

// supervise runs the children: servers first, and agents stopped before servers, so that their last reports arrive.
func (c Config) supervise(ctx, killed context.Context, serving, agents []*child) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	lasting := context.WithoutCancel(ctx)
	servers := start(lasting, killed, serving, stop)
	nodes := start(lasting, killed, agents, stop)
	err := c.live(ctx, len(agents))
	began := time.Now()
	c.say("stopping: agents with their workers, then servers; a second Ctrl-C kills them")
	err = errors.Join(err, nodes.end(), servers.end())
	c.say("stopped after %.1f s", time.Since(began).Seconds())
	return err
}

// live waits until the cluster is ready, says so, and goes on until there is a reason to stop.
func (c Config) live(ctx context.Context, nodes int) error {
	began := time.Now()
	leader, err := c.Ready(ctx, c.Servers(), nodes)
	if ctx.Err() != nil {
		return nil
	}
	if err != nil {
		return err
	}
	c.say("ready     after %.1f s: %s leads, %d nodes", time.Since(began).Seconds(), leader, nodes)
	if c.OnReady != nil {
		return c.OnReady(ctx)
	}
	<-ctx.Done()
	return nil
}

// checkLeft looks for processes that are still there, ends them, and says so.
func (c Config) checkLeft() error {
	ended, err := clean(c.DataDir)
	if err == nil && ended == 0 {
		c.say("nothing is left behind")
	}
	if ended > 0 {
		c.say("killed %s that had not stopped", counted(ended))
	}
	return err
}

func counted(processes int) string {
	if processes == 1 {
		return "1 process"
	}
	return fmt.Sprintf("%d processes", processes)
}
