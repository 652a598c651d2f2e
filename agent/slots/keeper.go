package slots

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/headrace/headrace/agent/engine"
	"github.com/headrace/headrace/agent/runtime"
	"github.com/headrace/headrace/internal/backoff"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
)

// stillWarmed is what people are told of a slot in which no process waits while one is being warmed.
const stillWarmed = "its process was still being warmed"

// keeper keeps one process waiting in one slot, until it is cancelled or the process is claimed.
type keeper struct {
	warmth *warmth
	like   *agentv1.AssignedWorker
	wanted context.Context // ends when nothing is to wait any more
	unwant context.CancelFunc
	gone   chan struct{} // closed when run has returned
	claims chan struct{} // has a value when the process is to be left to who claims it
	failed bool          // the last process did not get ready; only run uses it

	mu      sync.Mutex
	ready   bool   // the process waits
	warming bool   // it is being warmed
	note    string // for people: why none waits

	// Those of the process that waits, for who has claimed it.
	process runtime.Worker
	waiting engine.Waiting
}

func newKeeper(w *warmth, like *agentv1.AssignedWorker) *keeper {
	wanted, unwant := context.WithCancel(context.Background())
	return &keeper{
		warmth: w,
		like:   like,
		wanted: wanted,
		unwant: unwant,
		gone:   make(chan struct{}),
		claims: make(chan struct{}, 1),
	}
}

// run warms a process, and another one when that has died, after a pause that doubles.
func (k *keeper) run(ctx context.Context, settled func()) {
	defer close(k.gone)
	defer settled()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(k.wanted, cancel)()
	k.setWarming()
	pauses := backoff.Doubling{First: firstPause, Max: longestPause}
	for {
		claimed, err := k.warm(ctx, settled)
		if claimed || ctx.Err() != nil {
			return
		}
		pause := pauses.Next()
		k.set(false, "its process could not be warmed: "+why(err))
		k.warmth.config.Logger.Warn("cannot keep a process waiting in a slot",
			"slot", k.like.GetSlotId(), "again_in", pause, "error", err)
		settled()
		select {
		case <-ctx.Done():
			return
		case <-k.claims:
			return
		case <-time.After(pause):
		}
		k.setWarming()
	}
}

// warm starts and rehearses one process and stays with it until it is claimed, dies, or is not wanted any more.
func (k *keeper) warm(ctx context.Context, settled func()) (claimed bool, err error) {
	id := runtime.ForSlot.NewID()
	began := time.Now()
	defer func() { err = errors.Join(err, k.drop(id, claimed)) }()
	err = k.rehearse(ctx, id, settled)
	if k.failed = err != nil; k.failed {
		return false, err
	}
	k.set(true, "")
	k.warmth.config.Logger.Info("a process waits in a slot",
		"slot", k.like.GetSlotId(), "took", time.Since(began).Round(time.Millisecond))
	settled()
	select {
	case <-k.claims:
		return true, nil
	case <-ctx.Done():
		return false, ctx.Err()
	case <-k.process.Done():
		exit, _ := k.process.Exit()
		return false, k.lose(fmt.Errorf("the process that waited has ended: %s, code %d", exit.Reason, exit.Code))
	case <-k.process.Starved():
		return false, k.lose(starved(k.process))
	}
}

// lose notes that the process waits no longer, and why.
func (k *keeper) lose(err error) error {
	k.set(false, err.Error())
	return err
}

// rehearse starts a process and returns when it is ready, one at a time on this machine. settled is called when its
// turn is long in coming: the slot's application need not wait for those of others.
func (k *keeper) rehearse(ctx context.Context, id string, settled func()) (err error) {
	home, err := k.warmth.runtime.MakeHome(id, runtime.HomeOptions{ShuffleDisk: k.like.GetShuffleOptimizedDisk()})
	if err != nil {
		return err
	}
	defer home.Close()
	if k.waiting, err = k.warmth.warmer.Warm(ctx, k.like, home); err != nil {
		return err
	}
	release, err := k.warmth.turn.take(ctx, k.like.GetApplicationId(), k.failed, settled)
	if err != nil {
		return err
	}
	defer release()
	ctx, cancel := context.WithTimeout(ctx, warmTimeout)
	defer cancel()
	spec := runtime.Spec{
		ID:        id,
		Command:   k.waiting.Command(),
		MilliCPU:  k.like.GetMilliCpu(),
		MemoryMiB: k.like.GetMemoryMib(),
		DiskMiB:   k.like.GetDiskMib(),
	}
	if k.process, err = k.warmth.runtime.Start(spec); err != nil {
		return err
	}
	return k.quietly(ctx, k.waiting.Ready)
}

// quietly lets the process rehearse with the lowest weight, and ends the wait when the process ends.
func (k *keeper) quietly(ctx context.Context, ready func(context.Context) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var watching sync.WaitGroup
	watching.Go(func() {
		select {
		case <-k.process.Done():
			cancel()
		case <-ctx.Done():
		}
	})
	err := k.warmth.runtime.Weigh(k.process, true)
	if err == nil {
		err = ready(ctx)
	}
	cancel()
	watching.Wait()
	if exit, ended := k.process.Exit(); ended {
		words := k.warmth.runtime.Tail(k.process.ID(), "stderr", 300)
		return fmt.Errorf("the process ended with code %d while it rehearsed: %s", exit.Code, words)
	}
	return errors.Join(err, starved(k.process), k.warmth.runtime.Weigh(k.process, false))
}

// drop removes a process that nobody has claimed.
func (k *keeper) drop(id string, claimed bool) error {
	if claimed {
		return nil
	}
	if k.waiting != nil {
		k.waiting.Close()
	}
	k.mu.Lock()
	process := k.process
	k.ready, k.process, k.waiting = false, nil, nil
	k.mu.Unlock()
	if process == nil {
		return k.warmth.runtime.RemoveDir(id)
	}
	return k.warmth.runtime.Discard(process)
}

// release ends the keeping and leaves the process to the caller, or says why there is none. It returns when run has.
func (k *keeper) release() (note string) {
	ready, note := k.state()
	if ready {
		k.claims <- struct{}{}
	} else {
		k.unwant()
	}
	<-k.gone
	k.unwant()
	if ready && k.process == nil {
		_, note = k.state()
		return cmp.Or(note, "its process died while it waited")
	}
	return note
}

// state says whether a process waits, or why none does.
func (k *keeper) state() (ready bool, note string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.ready, k.note
}

// waits returns the process if it waits; else nil. It may die at any time.
func (k *keeper) waits() runtime.Worker {
	k.mu.Lock()
	defer k.mu.Unlock()
	if !k.ready {
		return nil
	}
	return k.process
}

// phase says whether the process waits, or is being warmed. While a failed one is not tried again, it is neither.
func (k *keeper) phase() (warm, warming bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.ready, k.warming
}

// setWarming notes that a process is being warmed.
func (k *keeper) setWarming() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.ready = false
	k.warming = true
	k.note = stillWarmed
}

// set notes that a process waits, or why none does and none is being warmed.
func (k *keeper) set(ready bool, note string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.ready = ready
	k.warming = false
	k.note = note
}
