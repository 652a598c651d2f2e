package agent

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/headrace/headrace/agent/runtime"
	"github.com/headrace/headrace/internal/errs"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
)

// stopTimeout bounds how long a clean end waits for workers beyond their grace.
const stopTimeout = 30 * time.Second

// stopGrace is the longest grace that a clean end gives.
const stopGrace = 5 * time.Second

// fleet is all workers of this node, each with a goroutine of its own.
type fleet struct {
	config  Config
	engines Engines
	runtime *runtime.Runtime
	lease   *lease
	outbox  *outbox
	demands *demands

	ctx context.Context // of the workers' goroutines; set by adopt
	wg  sync.WaitGroup

	newest position // of the one session that there is at a time

	mu      sync.Mutex
	workers map[string]*worker
}

// adopt finds the workers of an earlier agent. ctx ends the goroutines of all workers.
func (f *fleet) adopt(ctx context.Context) error {
	f.ctx = ctx
	found, err := f.runtime.Adopt()
	if err != nil {
		return errs.New(errs.Internal, "cannot find the workers that are there: %w", err)
	}
	for _, held := range found {
		f.adoptOne(held)
	}
	return nil
}

func (f *fleet) adoptOne(held *runtime.Worker) {
	wanted := &agentv1.AssignedWorker{WorkerId: held.ID}
	content, err := os.ReadFile(filepath.Join(f.runtime.Dir(held.ID), assignedFile))
	if err == nil {
		err = proto.Unmarshal(content, wanted)
	}
	w := newWorker(f, wanted)
	if err != nil || w.id != held.ID {
		w = newWorker(f, &agentv1.AssignedWorker{WorkerId: held.ID})
		w.log().Error("cannot read the assignment of a worker that is there", "error", err)
	}
	w.held = held
	w.status.Phase = agentv1.Phase_PHASE_RUNNING
	if exit, ended := held.Exit(); ended {
		w.status = endedStatus(w.id, w.wanted.GetEpoch(), exit, f.runtime.Tail(w.id, "stderr", tailBytes))
		f.outbox.put(w.status)
		close(w.gone)
	} else {
		w.attach(w.wanted)
	}
	f.add(w)
}

// add begins a worker's goroutine.
func (f *fleet) add(w *worker) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.workers[w.id] = w
	f.wg.Go(func() { w.run(f.ctx) })
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

// assign takes what a server wants. It returns false for an assignment that is older than the newest.
func (f *fleet) assign(a *agentv1.Assignment) bool {
	if !f.newest.accepts(a) {
		return false
	}
	named := map[string]bool{}
	for _, wanted := range a.GetWorkers() {
		named[wanted.GetWorkerId()] = true
		f.assignOne(wanted)
	}
	f.dismiss(a.GetForget())
	if a.GetComplete() {
		f.stopUnnamed(named)
	}
	return true
}

func (f *fleet) assignOne(wanted *agentv1.AssignedWorker) {
	if w := f.find(wanted.GetWorkerId()); w != nil {
		w.want(wanted)
		return
	}
	w := newWorker(f, wanted)
	if wanted.GetDesired() == agentv1.Desired_DESIRED_STOP {
		w.end(runtime.Stopped, 0)
	}
	f.add(w)
}

// dismiss ends workers whose end no server asks for any more, and forgets them then.
func (f *fleet) dismiss(ids []string) {
	for _, id := range ids {
		if w := f.find(id); w != nil {
			w.end(runtime.Stopped, 0)
			w.setForget()
		}
	}
}

// stopUnnamed stops what a complete assignment does not name; what ended and was told is forgotten.
func (f *fleet) stopUnnamed(named map[string]bool) {
	for _, w := range f.all() {
		switch {
		case named[w.id]:
		case w.hasEnded() && f.outbox.told(w.id):
			w.setForget()
		default:
			w.end(runtime.Stopped, time.Duration(w.view().wanted.GetGraceSeconds())*time.Second)
		}
	}
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

// workerEnded drops what a driver wanted.
func (f *fleet) workerEnded(a *agentv1.AssignedWorker) {
	if a.GetSparkDriver() != nil {
		f.demands.drop(attemptOf{a.GetJobRunId(), a.GetAttempt()})
	}
}

// hasDriver says whether a driver of that attempt has not ended.
func (f *fleet) hasDriver(of attemptOf) bool {
	return slices.ContainsFunc(f.all(), func(w *worker) bool {
		a := w.view().wanted
		return a.GetSparkDriver() != nil && of == attemptOf{a.GetJobRunId(), a.GetAttempt()} && !w.hasEnded()
	})
}

// room refuses to start workers on a disk that is nearly full.
func (f *fleet) room() error {
	disk, err := statDisk(f.config.DataDir)
	if err == nil && disk.usedPercent > f.config.DiskFullPercent {
		return fmt.Errorf("cannot start workers: the disk of %s is %d%% full, the limit is %d%%: free some of it, or raise the limit",
			f.config.DataDir, disk.usedPercent, f.config.DiskFullPercent)
	}
	return nil
}

// stopAll stops every worker and waits for their ends, for a bounded time.
func (f *fleet) stopAll() {
	all := f.all()
	for _, w := range all {
		w.end(runtime.Stopped, min(time.Duration(w.view().wanted.GetGraceSeconds())*time.Second, stopGrace))
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
