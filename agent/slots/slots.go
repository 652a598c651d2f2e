package slots

import (
	"cmp"
	"context"
	"encoding/hex"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/headrace/headrace/agent/engine"
	"github.com/headrace/headrace/agent/outbox"
	"github.com/headrace/headrace/agent/runtime"
	"github.com/headrace/headrace/agent/tasks"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
)

// prepareTimeout bounds how long a release may take to come to the node for its slots.
const prepareTimeout = 15 * time.Minute

// Config is what is needed to prepare slots.
type Config struct {
	Runtime Runtime
	// Engine is the engine of the slots' workers. If it is an engine.Warmer, and Warm says so, processes wait in slots.
	Engine engine.Engine
	Warm   bool
	// Releases brings releases to the node.
	Releases Releases
	// Outbox is told what becomes of slots.
	Outbox *outbox.Outbox
	// Room says why the node starts no workers now; no error: it starts them.
	Room func() error
	// SharedDir is a directory that the agents of this machine share, which take turns there; empty: there are no
	// others.
	SharedDir string
	Logger    *slog.Logger
}

// Slots are the pre-initialised slots of this node. Its methods may be called by many goroutines.
type Slots struct {
	config Config
	warmth *warmth
	tasks  *tasks.Group

	mu       sync.Mutex
	slots    map[string]*slot // by id
	bringing map[string]bool  // releases that a task brings, by key
}

// slot is one of them.
type slot struct {
	assigned *agentv1.AssignedSlot
	warming  bool                // the release is there
	status   *agentv1.SlotStatus // nil: it is being prepared
}

// New returns no slots.
func New(config Config) *Slots {
	group := &tasks.Group{}
	return &Slots{
		config:   config,
		warmth:   newWarmth(config, group),
		tasks:    group,
		slots:    map[string]*slot{},
		bringing: map[string]bool{},
	}
}

// Run prepares slots until the context ends, and ends what waits in them then. Nobody may use the slots any more when
// it has returned.
func (s *Slots) Run(ctx context.Context) error { return s.tasks.Run(ctx) }

// Occupy notes a worker that was in a slot before this agent began.
func (s *Slots) Occupy(id string) { s.warmth.occupy(id) }

// WaitingIn returns the process that waits in a slot; nil if there is none. It may die at any time.
func (s *Slots) WaitingIn(id string) runtime.Worker { return s.warmth.waitingIn(id) }

// Use makes the process that waits in a worker's slot the worker. Without one that fits, started is nil, note says why,
// and nothing waits in the slot any more. After an error the worker cannot be started in this directory again.
func (s *Slots) Use(ctx context.Context, a *agentv1.AssignedWorker, spec runtime.Spec) (
	started runtime.Worker, note string, err error,
) {
	return s.warmth.use(ctx, a, spec)
}

// Warmth returns the ids of the slots in which a process waits, and of those in which one is being warmed.
func (s *Slots) Warmth() (warm, warming []string) { return s.warmth.states() }

// Leave notes that a worker is not in its slot any more, which is warmed again for workers like that one.
func (s *Slots) Leave(a *agentv1.AssignedWorker) { s.warmth.leave(a) }

// Held returns the slots that are held, by id.
func (s *Slots) Held() []*agentv1.AssignedSlot {
	s.mu.Lock()
	defer s.mu.Unlock()
	held := make([]*agentv1.AssignedSlot, 0, len(s.slots))
	for _, id := range slices.Sorted(maps.Keys(s.slots)) {
		held = append(held, s.slots[id].assigned)
	}
	return held
}

// Assign takes what a part of an assignment wants of slots. What is known already of a slot that it names is told
// again: it may be a new leader.
func (s *Slots) Assign(a *agentv1.Assignment) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, wanted := range a.GetSlots() {
		s.hold(wanted)
	}
	for _, id := range a.GetForgetSlots() {
		s.drop(id)
	}
}

// Keep drops all slots but those named by a complete assignment.
func (s *Slots) Keep(named map[string]bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for id := range s.slots {
		if !named[id] {
			s.drop(id)
		}
	}
}

// hold begins to prepare a slot, unless it was before.
func (s *Slots) hold(wanted *agentv1.AssignedSlot) {
	known := s.slots[wanted.GetSlotId()]
	if known != nil && proto.Equal(known.assigned, wanted) {
		if known.status != nil {
			s.config.Outbox.PutSlot(known.status)
		}
		return
	}
	held := &slot{assigned: wanted}
	s.slots[wanted.GetSlotId()] = held
	if wanted.GetReleaseLabel() == "" {
		s.config.Releases.Free(holderOf(wanted.GetSlotId()))
		s.settle(held, s.config.Room())
		return
	}
	s.config.Releases.Hold(holderOf(wanted.GetSlotId()), wanted.GetReleaseLabel())
	if key := keyOf(wanted); !s.bringing[key] {
		s.bringing[key] = true
		s.tasks.Go(func(ctx context.Context) { s.bring(ctx, wanted) })
	}
}

// bring brings a slot's release, for all slots that wait for it.
func (s *Slots) bring(ctx context.Context, wanted *agentv1.AssignedSlot) {
	err := s.ensure(ctx, wanted)
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.bringing, keyOf(wanted))
	if ctx.Err() != nil {
		return // the agent leaves; the next one prepares them
	}
	if err != nil {
		s.config.Logger.Warn("cannot prepare slots", "release", wanted.GetReleaseLabel(), "error", err)
	}
	for _, waiting := range s.slots {
		switch {
		case waiting.status != nil || waiting.warming || keyOf(waiting.assigned) != keyOf(wanted):
		case err != nil:
			s.settle(waiting, err)
		default:
			waiting.warming = true
			s.warmth.hold(waiting.assigned, func() { s.warmed(waiting) })
		}
	}
}

// ensure brings a release, if there is room for workers at all.
func (s *Slots) ensure(ctx context.Context, wanted *agentv1.AssignedSlot) error {
	if err := s.config.Room(); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, prepareTimeout)
	defer cancel()
	_, err := s.config.Releases.Ensure(ctx, wanted.GetReleaseLabel(), wanted.GetReleaseDigest())
	return err
}

// warmed says that a slot is prepared. A process that cannot be kept waiting there is no reason against it: workers
// start cold then.
func (s *Slots) warmed(one *slot) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.slots[one.assigned.GetSlotId()] == one && one.status == nil {
		s.settle(one, nil)
	}
}

// settle says what became of a slot.
func (s *Slots) settle(one *slot, err error) {
	one.status = &agentv1.SlotStatus{SlotId: one.assigned.GetSlotId(), Ready: err == nil}
	if err != nil {
		one.status.Error = cmp.Or(outbox.Bounded(err.Error()), "no reason was given")
	}
	s.config.Outbox.PutSlot(one.status)
}

// drop forgets a slot. What is brought for it comes to its end, for the next one.
func (s *Slots) drop(id string) {
	delete(s.slots, id)
	s.warmth.drop(id)
	s.config.Releases.Free(holderOf(id))
	s.config.Outbox.DropSlot(id)
}

// holderOf returns the name under which a slot holds its release.
func holderOf(id string) string { return "slot " + id }

// keyOf returns what is brought for a slot.
func keyOf(s *agentv1.AssignedSlot) string {
	return s.GetReleaseLabel() + " " + hex.EncodeToString(s.GetReleaseDigest())
}
