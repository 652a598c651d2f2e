package agent

import (
	"cmp"
	"context"
	"io"
	"log/slog"
	"os"
	"path/filepath"

	"github.com/headrace/headrace/agent/data"
	"github.com/headrace/headrace/agent/disk"
	"github.com/headrace/headrace/agent/engine"
	"github.com/headrace/headrace/agent/fleet"
	"github.com/headrace/headrace/agent/history"
	"github.com/headrace/headrace/agent/lease"
	"github.com/headrace/headrace/agent/outbox"
	"github.com/headrace/headrace/agent/release"
	"github.com/headrace/headrace/agent/runtime"
	"github.com/headrace/headrace/agent/servers"
	"github.com/headrace/headrace/agent/session"
	"github.com/headrace/headrace/agent/shipping"
	"github.com/headrace/headrace/agent/slots"
	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/logging"
	"github.com/headrace/headrace/internal/storage"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
)

// Agent is the agent of one node: its rooms, and what servers know the node as.
type Agent struct {
	config   Config
	node     *agentv1.Register // what does not change
	engines  engine.Engines
	runtime  Runtime
	servers  *servers.Servers
	lease    *lease.Lease
	outbox   *outbox.Outbox
	demands  *outbox.Demands
	progress *outbox.Progress

	sessions  *session.Sessions
	fleet     *fleet.Fleet
	slots     *slots.Slots
	data      *data.Line
	histories *history.Histories
	shipper   *shipping.Shipper
	guard     *guard
}

// New returns an agent that has not begun. It makes the data directory and the node's id if there are none.
func New(config Config, engines engine.Engines) (*Agent, error) {
	return Build(config, func(Services) engine.Engines { return engines })
}

// Services are what an agent does for its engines, which may use it once the agent runs.
type Services struct {
	// Logger is the agent's, whose messages name the node.
	Logger *slog.Logger
	// Store has the node's releases, and brings them for slots; nil: Config.Releases does.
	Store *release.Store
	// Programs runs programs that an engine needs for itself.
	Programs Programs
	// OpenRelease opens an archive in the servers' cache. See Agent.OpenRelease.
	OpenRelease func(ctx context.Context, digest []byte, offset int64) (io.ReadCloser, error)
	// OpenUpload opens a file that a user gave the servers, for a worker of this node.
	OpenUpload engine.OpenUpload
	// SetDemand tells the leader what a Spark driver wants. See Agent.SetDemand.
	SetDemand func(*agentv1.Demand)
	// SetProgress tells the leader how far the jobs of a Spark driver are. See fleet.Fleet.
	SetProgress func(*agentv1.SparkProgress)
}

// Programs runs programs with the rights of a worker.
type Programs interface {
	// Run runs a program to its end. See runtime.Errand.
	Run(ctx context.Context, errand runtime.Errand) (stdout, stderr []byte, err error)
}

// Build returns an agent as New does, with engines that need the agent themselves.
func Build(config Config, engines func(Services) engine.Engines) (*Agent, error) {
	if err := config.Validate(); err != nil {
		return nil, err
	}
	config.Logger = cmp.Or(config.Logger, slog.Default())
	if err := makeDataDir(&config); err != nil {
		return nil, err
	}
	a := &Agent{config: config, outbox: outbox.New()}
	held, err := a.open()
	if err != nil {
		return nil, err
	}
	a.demands = outbox.NewDemands(a.config.Logger)
	a.progress = outbox.NewProgress()
	store, releases := a.releases()
	a.engines = engines(Services{
		Logger:      a.config.Logger,
		Store:       store,
		Programs:    a.runtime,
		OpenRelease: a.OpenRelease,
		OpenUpload:  a.servers.OpenUpload,
		SetDemand:   a.SetDemand,
		SetProgress: func(said *agentv1.SparkProgress) { a.fleet.SetProgress(said) },
	})
	a.furnish(releases)
	a.guard = &guard{config: a.config, servers: a.servers}
	var missing error
	if held != nil {
		missing = a.guard.open(held)
	}
	tellIsolation(a.node, a.config, held, missing)
	a.sessions = session.New(a.sessionConfig(releases))
	return a, nil
}

// makeDataDir makes the data directory, and its path absolute: shims have another working directory. Workers of another
// user pass through it to their own.
func makeDataDir(config *Config) (err error) {
	if config.DataDir, err = filepath.Abs(config.DataDir); err == nil {
		err = os.MkdirAll(config.DataDir, 0o711)
	}
	if err != nil {
		return errs.New(errs.Unavailable, "cannot make the data directory: %w", err)
	}
	return nil
}

// open finds out which node this is, which servers it knows, and what holds its workers. It returns the last if the
// agent made it, for this machine.
func (a *Agent) open() (held *runtime.Runtime, err error) {
	if a.node, err = describe(a.config); err != nil {
		return nil, err
	}
	a.config.Logger = naming(a.config.Logger, a.node)
	a.servers, err = servers.New(servers.Config{
		DataDir:     a.config.DataDir,
		Configured:  a.config.Servers,
		NodeID:      a.node.GetNodeId(),
		Credentials: a.config.Credentials,
		DialOptions: a.config.DialOptions,
		Dial:        a.config.Dial,
	})
	if err != nil {
		return nil, err
	}
	if a.shipper, err = a.newShipper(); err != nil {
		return nil, err
	}
	a.runtime = a.config.Runtime
	if a.runtime == nil {
		if held, err = newRuntime(a.config, a.shipper.Holds); err != nil {
			return nil, err
		}
		a.runtime = held
	}
	a.node.BootId = a.runtime.BootID()
	a.lease = lease.New(a.servers.Lease(), a.runtime)
	return held, nil
}

// newShipper returns what takes logs to where they are kept.
func (a *Agent) newShipper() (*shipping.Shipper, error) {
	return shipping.New(shipping.Config{
		Dir:      filepath.Join(a.config.DataDir, "shipping"),
		Storage:  storage.New(a.config.ObjectStore),
		Access:   a.config.access,
		Servers:  a.servers,
		Interval: a.config.ShipEvery,
		Logger:   a.config.Logger,
	})
}

// naming returns a logger whose messages name a node, so that logs of many agents can be read together.
func naming(logger *slog.Logger, node *agentv1.Register) *slog.Logger {
	return logger.With(string(logging.Node), node.GetName(), string(logging.NodeID), node.GetNodeId())
}

// releases returns what brings releases to the node for slots. If that is a store of the agent's own, it returns the
// store as well.
func (a *Agent) releases() (*release.Store, slots.Releases) {
	if a.config.Releases != nil {
		return nil, a.config.Releases
	}
	config := release.StoreConfig{Roots: a.config.ReleaseDirs}
	if len(config.Roots) > 0 { // else there is nowhere to put one
		config.Fetch = a.OpenRelease
		config.Copying = a.progress
	}
	store := release.NewStore(config)
	return store, store
}

// furnish makes the rooms that have workers, or show something of them.
func (a *Agent) furnish(releases slots.Releases) {
	room := func() error { return disk.Room(a.config.disks(), a.config.DiskFullPercent) }
	a.slots = slots.New(slots.Config{
		Runtime:   a.runtime,
		Engine:    a.engines.Spark,
		Warm:      a.config.Warm,
		Releases:  releases,
		Outbox:    a.outbox,
		Room:      room,
		SharedDir: a.config.ownReleases(),
		Logger:    a.config.Logger,
	})
	a.fleet = fleet.New(fleet.Config{
		Engines:  a.engines,
		Runtime:  a.runtime,
		Lease:    a.lease,
		Outbox:   a.outbox,
		Demands:  a.demands,
		Progress: a.progress,
		Slots:    a.slots,
		Shipper:  a.shipper,
		Room:     room,
		Logger:   a.config.Logger,
	})
	a.histories = history.New(history.Config{
		Runtime:     a.runtime,
		Servers:     a.servers,
		ObjectStore: a.config.ObjectStore,
		Access:      a.config.access,
		Logger:      a.config.Logger,
	})
	a.data = data.New(data.Config{
		Servers:   a.servers,
		Fleet:     a.fleet,
		Runtime:   a.runtime,
		Engine:    a.engines.Spark,
		Histories: a.histories,
		Logger:    a.config.Logger,
	})
}

// sessionConfig returns what the agent tells leaders, and which rooms do what leaders say.
func (a *Agent) sessionConfig(releases slots.Releases) session.Config {
	config := session.Config{
		Node:                   a.node,
		Servers:                a.servers,
		Lease:                  a.lease,
		RefusedMeansLeaderless: a.config.RefusedMeansLeaderless,
		Outbox:                 a.outbox,
		Demands:                a.demands,
		Progress:               a.progress,
		Fleet:                  a.fleet,
		Runtimes:               a.engines.Runtimes,
		Holdings:               releases.Labels,
		Warmth:                 a.slots.Warmth,
		OpenData:               a.data.Open,
		Logger:                 a.config.Logger,
	}
	if !a.config.StopWorkers { // else no worker stays that needs a lease
		config.LeaveLease = a.config.LeaveLease
	}
	return config
}

// NodeID returns the node's id, which is made once and kept in the data directory.
func (a *Agent) NodeID() string { return a.node.GetNodeId() }

// RunErrand runs a program that an engine needs for itself. See runtime.Errand.
func (a *Agent) RunErrand(ctx context.Context, errand runtime.Errand) (stdout, stderr []byte, err error) {
	return a.runtime.Run(ctx, errand)
}

// SetDemand tells the leader what a Spark driver wants. See fleet.Fleet.
func (a *Agent) SetDemand(demand *agentv1.Demand) { a.fleet.SetDemand(demand) }

// Slots returns the pre-initialised slots that the node holds, by id.
func (a *Agent) Slots() []*agentv1.AssignedSlot { return a.slots.Held() }

// OpenRelease opens the archive of that SHA-256 in the servers' cache at an offset in bytes. The caller closes it. The
// context covers the reading.
func (a *Agent) OpenRelease(ctx context.Context, digest []byte, offset int64) (io.ReadCloser, error) {
	return a.servers.OpenRelease(ctx, digest, offset)
}
