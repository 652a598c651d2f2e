package agent

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/headrace/headrace/agent/firewall"
	"github.com/headrace/headrace/agent/release"
	"github.com/headrace/headrace/agent/runtime"
	"github.com/headrace/headrace/internal/errs"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
)

// cleanEvery is how often old directories of workers are looked for.
const cleanEvery = time.Minute

// Agent is one node's agent.
type Agent struct {
	config  Config
	node    *agentv1.Register // what does not change
	runtime *runtime.Runtime
	servers *servers
	proof   proof  // only the goroutine of connect uses it
	trouble string // why it ended its last session itself; empty: it did not. Only the goroutine of connect uses it
	refusal string // of the newest registration, as it was logged; likewise
	lease   *lease
	outbox  *outbox
	demands *demands
	fleet   *fleet
	data    *dataLine
	logs    *logServers

	histories *histories
	firewall  *firewall.Firewall // nil: there is none
}

// New returns an agent that has not begun. It makes the data directory and the node's id if there are none.
func New(config Config, engines Engines) (*Agent, error) {
	if err := config.Validate(); err != nil {
		return nil, err
	}
	if config.Logger == nil {
		config.Logger = slog.Default()
	}
	if err := makeDataDir(&config); err != nil {
		return nil, err
	}
	node, err := describe(config)
	if err != nil {
		return nil, err
	}
	known, err := loadServers(config.DataDir, config.Servers)
	if err != nil {
		return nil, err
	}
	a := &Agent{
		config: config, node: node, servers: known, proof: proof{refusedCounts: config.RefusedMeansLeaderless},
		outbox: newOutbox(), demands: newDemands(),
	}
	shipper, err := a.newShipper()
	if err != nil {
		return nil, err
	}
	held, err := runtime.New(runtimeConfig(config, shipper.Holds))
	if err != nil {
		return nil, err
	}
	if err := isolates(config, held); err != nil {
		return nil, err
	}
	a.runtime, a.lease = held, newLease(known.lease(), held.LeaseDeadline(), held.MoveLease)
	a.fleet = &fleet{
		config: config, engines: engines, runtime: held, lease: a.lease, outbox: a.outbox, demands: a.demands,
		shipper: shipper, workers: map[string]*worker{},
	}
	a.fleet.warmth = newWarmth(config, held, engines.Spark)
	a.fleet.pool = newPool(config, a.releases(), a.fleet.warmth, a.outbox, a.fleet.room)
	a.data, a.histories = newDataLine(a), newHistories(a)
	a.tellIsolation(a.openFirewall())
	return a, nil
}

// releases returns what brings releases to the node for slots.
func (a *Agent) releases() Releases {
	if a.config.Releases != nil {
		return a.config.Releases
	}
	store := release.StoreConfig{Roots: a.config.ReleaseDirs}
	if len(store.Roots) > 0 { // else there is nowhere to put one
		store.Fetch = a.OpenRelease
	}
	return release.NewStore(store)
}

// makeDataDir makes the data directory, and its path absolute: shims have another working directory. Workers of another user pass
// through it to their own.
func makeDataDir(config *Config) (err error) {
	if config.DataDir, err = filepath.Abs(config.DataDir); err == nil {
		err = os.MkdirAll(config.DataDir, 0o711)
	}
	if err != nil {
		return errs.New(errs.Unavailable, "cannot make the data directory: %w", err)
	}
	return nil
}

func runtimeConfig(c Config, holds func(string) bool) runtime.Config {
	config := runtime.DefaultConfig()
	config.Holds = holds
	config.DataDir, config.Executable, config.Cgroup = c.DataDir, c.Executable, workersGroup(c)
	config.Sandbox, config.Users, config.User, config.Group = c.Sandbox, c.WorkerUsers, c.WorkerUser, c.WorkerGroup
	config.ShuffleDir, config.Logger = c.ShuffleDir, c.Logger
	return config
}

// Run adopts the workers that are there, and serves the cluster until the context ends. All that it started has stopped when it
// returns, but the workers, unless Config.StopWorkers says so. An engine that is an io.Closer is closed last. It is called once.
func (a *Agent) Run(ctx context.Context) error {
	unlock, err := lock(a.config.DataDir)
	if err != nil {
		return err
	}
	defer unlock()
	work, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	a.data.ctx, a.fleet.pool.ctx, a.fleet.warmth.ctx, a.histories.ctx = work, work, work, work
	defer a.closeEngines()
	defer a.logs.close()
	defer a.closeFirewall()
	defer a.runtime.Close()
	if err := a.fleet.adopt(work); err != nil {
		return err
	}
	var tasks sync.WaitGroup
	tasks.Go(func() { a.lease.watch(work, a.fleet.leaseEnds) })
	tasks.Go(func() { a.clean(work) })
	tasks.Go(func() { a.guard(work) })
	tasks.Go(func() { a.fleet.shipper.Run(work) })
	if a.config.Begun != nil {
		tasks.Go(func() { a.config.Begun(work) })
	}
	a.connect(ctx)
	if a.config.StopWorkers {
		a.fleet.stopAll()
	}
	stop()
	tasks.Wait()
	a.fleet.wg.Wait()
	a.fleet.pool.wg.Wait()
	a.fleet.warmth.wg.Wait()
	a.data.wg.Wait()
	a.histories.wg.Wait()
	return nil
}

func (a *Agent) closeEngines() {
	for _, engine := range []Engine{a.fleet.engines.Spark, a.fleet.engines.Process} {
		if closer, ok := engine.(io.Closer); ok {
			if err := closer.Close(); err != nil {
				a.config.Logger.Error("cannot close an engine", "error", err)
			}
		}
	}
}

// clean removes old directories of workers until the context ends.
func (a *Agent) clean(ctx context.Context) {
	tick := time.NewTicker(cleanEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-tick.C:
			if err := a.runtime.Clean(now); err != nil {
				a.config.Logger.Error("cannot remove old directories of workers", "error", err)
			}
		}
	}
}

// RunErrand runs a program that an engine needs for itself. See runtime.Errand.
func (a *Agent) RunErrand(ctx context.Context, errand runtime.Errand) (stdout, stderr []byte, err error) {
	return a.runtime.Run(ctx, errand)
}

// NodeID returns the node's id, which is made once and kept in the data directory.
func (a *Agent) NodeID() string { return a.node.GetNodeId() }

// NodeName returns the name that people know the node by.
func (a *Agent) NodeName() string { return a.node.GetName() }

// maxDemand is how much a driver may want at once, in bytes: servers take no more, as it goes on to every executor.
const maxDemand = 64 << 10

// SetDemand tells the leader what a Spark driver wants, now and on every new session, until that driver's worker has ended. A
// demand of a driver that this node does not have is dropped.
func (a *Agent) SetDemand(demand *agentv1.Demand) {
	key := attemptOf{demand.GetJobRunId(), demand.GetAttempt()}
	if !a.fleet.hasDriver(key) {
		return
	}
	if size := proto.Size(demand); size > maxDemand {
		a.demands.refuse(key, a.config.Logger, "bytes", size, "most", maxDemand)
		return
	}
	a.demands.set(demand)
}

// holdings returns the labels of the releases that the node holds, in order.
func (a *Agent) holdings() []string {
	var labels []string
	for _, held := range release.List(a.config.ReleaseDirs) {
		labels = append(labels, held.Label)
	}
	return labels
}

// OpenRelease opens the archive of that SHA-256 in the servers' cache at an offset in bytes. The caller closes it. The context
// covers the reading.
func (a *Agent) OpenRelease(ctx context.Context, digest []byte, offset int64) (io.ReadCloser, error) {
	ask, _ := a.servers.all()
	var failures []error
	for _, server := range ask {
		opened, err := a.openReleaseAt(ctx, server, digest, offset)
		if err == nil {
			return opened, nil
		}
		failures = append(failures, err)
	}
	return nil, errs.New(errs.Unavailable, "cannot fetch a release from any of %d servers: %w", len(ask), errors.Join(failures...))
}
