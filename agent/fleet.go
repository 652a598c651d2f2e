package agent

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/headrace/headrace/agent/runtime"
	"github.com/headrace/headrace/agent/shipping"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
)

// stopTimeout bounds how long a clean end waits for workers beyond their grace.
const stopTimeout = 30 * time.Second

// stopGrace is the longest grace that a clean end gives.
const stopGrace = 5 * time.Second

// fleet is all workers of this node, each with a goroutine of its own, and the slots that wait for some.
type fleet struct {
	config  Config
	engines Engines
	runtime *runtime.Runtime
	lease   *lease
	outbox  *outbox
	demands *demands
	pool    *pool
	warmth  *warmth
	shipper *shipping.Shipper

	ctx context.Context // of the workers' goroutines; set by adopt
	wg  sync.WaitGroup

	newest position // of the one session that there is at a time

	mu      sync.Mutex
	workers map[string]*worker
}

// add begins a worker's goroutine.
func (f *fleet) add(w *worker) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.workers[w.id] = w
	f.wg.Go(func() { w.run(f.ctx) })
}

// makeHome makes the home of a worker: for the user of the process that waits in its slot, which it may take over.
func (f *fleet) makeHome(id string, a *agentv1.AssignedWorker) (*runtime.Home, error) {
	return f.runtime.MakeHome(id, runtime.HomeOptions{Of: f.warmth.waitingIn(a.GetSlotId()), ShuffleDisk: a.GetShuffleOptimizedDisk()})
}

func (f *fleet) remove(w *worker) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.workers, w.id)
}

// all returns the workers, ordered by id.
func (f *fleet) all() []*worker {
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
func (f *fleet) find(id string) *worker {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.workers[id]
}

// inventory returns the newest status of every worker. Messages that a server has already are left out: a node may keep many
// ended workers that nobody has told it to forget.
func (f *fleet) inventory() []*agentv1.WorkerStatus {
	var inventory []*agentv1.WorkerStatus
	for _, w := range f.all() {
		status := w.newest()
		if status.GetMessage() != "" && f.outbox.told(w.id) {
			status = proto.CloneOf(status)
			status.Message = ""
		}
		inventory = append(inventory, status)
	}
	return inventory
}

// leaseEnds stops every worker that may not go on without a lease.
func (f *fleet) leaseEnds(left time.Duration) {
	for _, w := range f.all() {
		if !w.view().wanted.GetKeepOnDisconnect() && !w.hasEnded() {
			w.log().Warn("the lease ends: stopping the worker", "left", left)
			w.end(runtime.LeaseEnded, left)
		}
	}
}

// wakeAll lets every worker look again, such as at a lease that stands.
func (f *fleet) wakeAll() {
	for _, w := range f.all() {
		w.wake()
	}
}

// workerEnded drops what a driver wanted, and frees the worker's slot.
func (f *fleet) workerEnded(a *agentv1.AssignedWorker) {
	if a.GetSparkDriver() != nil {
		f.demands.drop(attemptOf{a.GetJobRunId(), a.GetAttempt()})
	}
	f.warmth.leave(a)
}

// hasDriver says whether a driver of that attempt has not ended.
func (f *fleet) hasDriver(of attemptOf) bool {
	return slices.ContainsFunc(f.all(), func(w *worker) bool {
		a := w.view().wanted
		return a.GetSparkDriver() != nil && of == attemptOf{a.GetJobRunId(), a.GetAttempt()} && !w.hasEnded()
	})
}

// room refuses to start workers when a disk of theirs is nearly full.
func (f *fleet) room() error {
	for _, dir := range f.config.disks() {
		disk, err := statDisk(dir)
		if err == nil && disk.usedPercent > f.config.DiskFullPercent {
			return fmt.Errorf("cannot start workers: the disk of %s is %d%% full, the limit is %d%%: free some of it, or raise the limit",
				dir, disk.usedPercent, f.config.DiskFullPercent)
		}
	}
	return nil
}

// stopAll stops every worker and waits for their ends, for a bounded time.
func (f *fleet) stopAll() {
	all := f.all()
	for _, w := range all {
		w.end(runtime.Stopped, min(graceOf(w.view().wanted), stopGrace))
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
