package agent

import (
	"cmp"
	"context"
	"path"
	"strconv"
	"time"

	"github.com/headrace/headrace/agent/data"
	"github.com/headrace/headrace/agent/fleet"
	"github.com/headrace/headrace/agent/history"
	"github.com/headrace/headrace/agent/lease"
	"github.com/headrace/headrace/agent/runtime"
	"github.com/headrace/headrace/agent/slots"
	"github.com/headrace/headrace/internal/every"
)

// Runtime is what holds the workers of an agent: *runtime.Runtime on a machine, *memory.Runtime where there is none. It
// has what each of the rooms needs, and what the agent itself needs.
type Runtime interface {
	fleet.Runtime
	slots.Runtime
	history.Runtime
	data.Runtime
	lease.Runtime

	// BootID returns the id of the machine's boot. Instants of different boots cannot be compared.
	BootID() string
	// Run runs an errand of an engine.
	Run(ctx context.Context, errand runtime.Errand) (stdout, stderr []byte, err error)
	// Clean removes old directories of workers.
	Clean(now time.Time) error
	// Close stops watching workers, which go on.
	Close()
}

var _ Runtime = (*runtime.Runtime)(nil)

// cleanEvery is how often old directories of workers are looked for.
const cleanEvery = time.Minute

// newRuntime returns what holds the workers of this machine as the configuration says. holds says whether a worker's
// directory is still needed.
func newRuntime(c Config, holds func(string) bool) (*runtime.Runtime, error) {
	held, err := runtime.New(runtimeConfig(c, holds))
	if err != nil {
		return nil, err
	}
	return held, isolates(c, held)
}

func runtimeConfig(c Config, holds func(string) bool) runtime.Config {
	config := runtime.DefaultConfig()
	config.Holds = holds
	config.DataDir = c.DataDir
	config.Executable = c.Executable
	config.Cgroup = workersGroup(c)
	config.MilliCPU = cmp.Or(c.MilliCPU, runtime.MachineMilliCPU())
	config.Sandbox = c.Sandbox
	config.Users = c.WorkerUsers
	config.User = c.WorkerUser
	config.Group = c.WorkerGroup
	config.ShuffleDir = c.ShuffleDir
	config.Logger = c.Logger
	return config
}

// workersGroup returns the control group of this agent's workers; empty: there are no groups. No other agent of this
// machine uses it, because the group of a socket tells whose the socket is.
func workersGroup(c Config) string {
	if c.Cgroup == "" || c.WorkerUsers.Count == 0 {
		return c.Cgroup
	}
	return path.Join(c.Cgroup, strconv.FormatUint(uint64(c.WorkerUsers.First), 10))
}

// clean removes old directories of workers until the context ends.
func (a *Agent) clean(ctx context.Context) error {
	every.Interval(ctx, cleanEvery, func(now time.Time) {
		if err := a.runtime.Clean(now); err != nil {
			a.config.Logger.Error("cannot remove old directories of workers", "error", err)
		}
	})
	return nil
}
