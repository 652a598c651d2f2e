package fleet

import (
	"cmp"
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/headrace/headrace/agent/engine"
	"github.com/headrace/headrace/agent/lease"
	"github.com/headrace/headrace/agent/outbox"
	"github.com/headrace/headrace/agent/runtime"
	"github.com/headrace/headrace/agent/slots"
	"github.com/headrace/headrace/agent/tasks"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
)

// stopTimeout bounds how long a clean end waits for workers beyond their grace.
const stopTimeout = 30 * time.Second

// stopGrace is the longest grace that a clean end gives.
const stopGrace = 5 * time.Second

// Config is what a fleet needs.
type Config struct {
	Engines engine.Engines
	Runtime Runtime
	// Lease says whether workers may be started, and when they end.
	Lease *lease.Lease
	// Outbox is told what becomes of workers, and Demands when drivers have ended.
	Outbox  *outbox.Outbox
	Demands *outbox.Demands
	// Progress is told how far the jobs of drivers are.
	Progress *outbox.Progress
	// Slots have what waits for workers.
	Slots *slots.Slots
	// Shipper takes logs to where they are kept.
	Shipper Shipper
	// Room says why the node starts no workers now; no error: it starts them.
	Room   func() error
	Logger *slog.Logger
}

// Fleet is all workers of this node, each with a goroutine of its own. Its methods may be called by many goroutines.
type Fleet struct {
	config Config
	tasks  tasks.Group

	mu      sync.Mutex
	workers map[string]*worker
}

// New returns a fleet without workers. Adopt finds those that are there.
func New(config Config) *Fleet { return &Fleet{config: config, workers: map[string]*worker{}} }

// Run takes workers further until the context ends, and ends those that may not go on when the lease does. It is called
// once.
func (f *Fleet) Run(ctx context.Context) error {
	f.tasks.Go(func(ctx context.Context) { f.config.Lease.Watch(ctx, f.leaseEnds) })
	return f.tasks.Run(ctx)
}

// add begins a worker's goroutine.
func (f *Fleet) add(w *worker) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.workers[w.id] = w
	f.tasks.Go(w.run)
}

func (f *Fleet) remove(w *worker) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.workers, w.id)
}

// all returns the workers, ordered by id.
func (f *Fleet) all() []*worker {
	f.mu.Lock()
	defer f.mu.Unlock()
	all := make([]*worker, 0, len(f.workers))
	for _, w := range f.workers {
		all = append(all, w)
	}
	slices.SortFunc(all, func(a, b *worker) int { return cmp.Compare(a.id, b.id) })
	return all
}

// find returns a worker; nil if there is none of that id.
func (f *Fleet) find(id string) *worker {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.workers[id]
}

// Inventory returns the newest status of every worker. Messages that a server has already are left out: a node may keep
// many ended workers that nobody has told it to forget.
func (f *Fleet) Inventory() []*agentv1.WorkerStatus {
	var inventory []*agentv1.WorkerStatus
	for _, w := range f.all() {
		status := w.newest()
		if status.GetMessage() != "" && f.config.Outbox.Told(w.id) {
			status = proto.CloneOf(status)
			status.Message = ""
		}
		inventory = append(inventory, status)
	}
	return inventory
}

// leaseEnds stops every worker that may not go on without a lease.
func (f *Fleet) leaseEnds(left time.Duration) {
	for _, w := range f.all() {
		if !w.situation().wanted.GetKeepOnDisconnect() && !w.hasEnded() {
			w.log().Warn("the lease ends: stopping the worker", "left", left)
			w.end(runtime.LeaseEnded, left)
		}
	}
}

// Wake lets every worker look again, such as at a lease that stands.
func (f *Fleet) Wake() {
	for _, w := range f.all() {
		w.wake()
	}
}

// SetDemand tells the leader what a Spark driver wants, now and on every new session, until that driver's worker has
// ended. A demand of a driver that this node does not have is dropped.
func (f *Fleet) SetDemand(demand *agentv1.Demand) {
	if f.hasDriver(outbox.Attempt{Run: demand.GetJobRunId(), Number: demand.GetAttempt()}) {
		f.config.Demands.Set(demand)
	}
}

// SetProgress tells the leader how far the jobs of a Spark driver are, as SetDemand does.
func (f *Fleet) SetProgress(said *agentv1.SparkProgress) {
	if f.hasDriver(outbox.Attempt{Run: said.GetJobRunId(), Number: said.GetAttempt()}) {
		f.config.Progress.SetDriver(said)
	}
}

// hasDriver says whether a driver of that attempt has not ended.
func (f *Fleet) hasDriver(of outbox.Attempt) bool {
	return slices.ContainsFunc(f.all(), func(w *worker) bool {
		a := w.situation().wanted
		return a.GetSparkDriver() != nil && of == attemptOf(a) && !w.hasEnded()
	})
}

// attemptOf names the attempt of a worker.
func attemptOf(a *agentv1.AssignedWorker) outbox.Attempt {
	return outbox.Attempt{Run: a.GetJobRunId(), Number: a.GetAttempt()}
}

// Ended says whether a worker writes nothing more. A worker that is not known does not.
func (f *Fleet) Ended(id string) bool {
	w := f.find(id)
	return w == nil || w.hasEnded()
}

// StopAll stops every worker and waits for their ends, for a bounded time.
func (f *Fleet) StopAll() {
	all := f.all()
	for _, w := range all {
		w.end(runtime.Stopped, min(graceOf(w.situation().wanted), stopGrace))
	}
	limit := time.NewTimer(stopTimeout)
	defer limit.Stop()
	for _, w := range all {
		select {
		case <-w.gone:
		case <-limit.C:
			f.config.Logger.Error("cannot wait longer for workers to end", "worker", w.id)
			return
		}
	}
}
