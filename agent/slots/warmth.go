package slots

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/headrace/headrace/agent/engine"
	"github.com/headrace/headrace/agent/outbox"
	"github.com/headrace/headrace/agent/runtime"
	"github.com/headrace/headrace/agent/tasks"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
)

const (
	// warmTimeout bounds a rehearsal, from its turn on: others wait for theirs.
	warmTimeout = 2 * time.Minute
	// beginTimeout bounds how long a process may take to begin what it waited for.
	beginTimeout = 5 * time.Second
	// A process that cannot be warmed, or dies while it waits, is started again after a pause that doubles.
	firstPause   = 30 * time.Second
	longestPause = 10 * time.Minute
)

// warmth keeps a process waiting in every slot that nobody is in, one rehearsal at a time.
type warmth struct {
	config  Config
	runtime Runtime
	warmer  engine.Warmer // nil: this agent warms nothing
	turn    *turn
	tasks   *tasks.Group

	mu    sync.Mutex
	slots map[string]*warmSlot // by id, those that are held and those that a worker is in
}

// warmSlot is the warmth of one slot.
type warmSlot struct {
	like     *agentv1.AssignedWorker // what it is warmed for; nil: nothing
	occupied bool                    // a worker is in it
	keeper   *keeper                 // nil: nothing waits in it
}

func newWarmth(config Config, group *tasks.Group) *warmth {
	w := &warmth{
		config:  config,
		runtime: config.Runtime,
		turn:    newTurn(config.SharedDir),
		tasks:   group,
		slots:   map[string]*warmSlot{},
	}
	if warmer, can := config.Engine.(engine.Warmer); can && config.Warm {
		w.warmer = warmer
	}
	return w
}

// hold keeps a slot warm from now on. settled is called once, when a process waits in it, or when it is known that none
// will soon.
func (w *warmth) hold(s *agentv1.AssignedSlot, settled func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	slot := w.slot(s.GetSlotId())
	slot.like = likeSlot(s)
	w.drain(slot)
	if w.warmer == nil || slot.like == nil || slot.occupied {
		w.tasks.Go(func(context.Context) { settled() })
		return
	}
	w.keep(slot, settled)
}

// drop keeps a slot warm no longer.
func (w *warmth) drop(id string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	slot := w.slot(id)
	slot.like = nil
	w.drain(slot)
	w.tidy(id)
}

// occupy notes a worker that was in a slot before this agent began.
func (w *warmth) occupy(id string) {
	if id == "" {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.slot(id).occupied = true
}

// leave notes that a worker is not in its slot any more, which is warmed again for workers like that one.
func (w *warmth) leave(a *agentv1.AssignedWorker) {
	id := a.GetSlotId()
	if id == "" {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	slot := w.slot(id)
	slot.occupied = false
	if slot.like != nil && slot.keeper == nil && w.warmer != nil {
		if a.GetProgram() != nil && a.GetReleaseLabel() == slot.like.GetReleaseLabel() {
			slot.like = a
		}
		w.keep(slot, func() {})
	}
	w.tidy(id)
}

// use makes the process that waits in a worker's slot the worker. See Slots.Use.
func (w *warmth) use(ctx context.Context, a *agentv1.AssignedWorker, spec runtime.Spec) (
	started runtime.Worker, note string, err error,
) {
	if a.GetSlotId() == "" {
		return nil, "", nil
	}
	kept, note := w.claim(a.GetSlotId())
	if kept == nil {
		return nil, note, nil
	}
	defer kept.waiting.Close()
	if !w.runtime.SameUser(spec.ID, kept.process) {
		note = "it belongs to another user than the process that waited when the worker was prepared"
	} else if spec.KeepOnDisconnect {
		note = "it goes on when its node is cut off, and processes that wait do not"
	} else if err := starved(kept.process); err != nil {
		note = err.Error()
	} else {
		note = kept.waiting.Differs(spec.Command)
	}
	if note != "" {
		return nil, note, w.runtime.Discard(kept.process)
	}
	if started, err = w.begin(ctx, kept, spec); err != nil {
		err = fmt.Errorf("cannot use the process that waits in slot %s: %w", a.GetSlotId(), err)
		return nil, "", errors.Join(err, w.runtime.Discard(kept.process))
	}
	return started, "", nil
}

// begin takes a process and tells it what to do.
func (w *warmth) begin(ctx context.Context, kept *keeper, spec runtime.Spec) (runtime.Worker, error) {
	started, err := w.runtime.Take(kept.process, spec)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, beginTimeout)
	defer cancel()
	if err := kept.waiting.Begin(ctx, spec.Command); err != nil {
		return nil, errors.Join(err, started.Stop(runtime.StartRefused, 0))
	}
	return started, w.runtime.Confirm(spec.ID)
}

// waitingIn returns the process that waits in a slot; nil if there is none.
func (w *warmth) waitingIn(id string) runtime.Worker {
	w.mu.Lock()
	defer w.mu.Unlock()
	if slot := w.slots[id]; slot != nil && slot.keeper != nil {
		return slot.keeper.waits()
	}
	return nil
}

// states returns the slots in which a process waits, and those in which one is being warmed, by id.
func (w *warmth) states() (warm, warming []string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, id := range slices.Sorted(maps.Keys(w.slots)) {
		kept := w.slots[id].keeper
		if kept == nil {
			continue
		}
		waits, rehearses := kept.phase()
		if waits {
			warm = append(warm, id)
		}
		if rehearses {
			warming = append(warming, id)
		}
	}
	return warm, warming
}

// claim ends the keeping of a slot, which is occupied then. It returns its keeper if a process waits, else why none
// does.
func (w *warmth) claim(id string) (kept *keeper, note string) {
	w.mu.Lock()
	slot := w.slot(id)
	slot.occupied = true
	kept = slot.keeper
	slot.keeper = nil
	w.mu.Unlock()
	switch {
	case w.warmer == nil:
		return nil, "this agent warms no processes"
	case kept == nil:
		return nil, "no process waits in its slot"
	}
	if note = kept.release(); note != "" {
		return nil, note
	}
	return kept, ""
}

// keep begins to keep a process waiting. The caller has the lock.
func (w *warmth) keep(slot *warmSlot, settled func()) {
	kept := newKeeper(w, slot.like)
	slot.keeper = kept
	w.tasks.Go(func(ctx context.Context) { kept.run(ctx, sync.OnceFunc(settled)) })
}

// drain ends what waits in a slot. The caller has the lock.
func (w *warmth) drain(slot *warmSlot) {
	if slot.keeper != nil {
		slot.keeper.unwant()
		slot.keeper = nil
	}
}

// slot returns the warmth of a slot. The caller has the lock.
func (w *warmth) slot(id string) *warmSlot {
	if w.slots[id] == nil {
		w.slots[id] = &warmSlot{}
	}
	return w.slots[id]
}

// tidy forgets a slot that nobody holds and nobody is in. The caller has the lock.
func (w *warmth) tidy(id string) {
	if slot := w.slots[id]; slot.like == nil && !slot.occupied {
		delete(w.slots, id)
	}
}

// why returns an error's text, as long as a note may be.
func why(err error) string {
	text := outbox.Bounded(cmp.Or(err.Error(), "no reason was given"))
	return strings.ToValidUTF8(text[:min(len(text), 400)], "")
}
