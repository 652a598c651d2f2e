package agent

import (
	"cmp"
	"context"
	"encoding/hex"
	"log/slog"
	"sync"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/headrace/headrace/agent/release"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
)

// prepareTimeout bounds how long a release may take to come to the node for its slots.
const prepareTimeout = 15 * time.Minute

// Releases brings releases to the node and keeps them while somebody holds them. *release.Store is one.
type Releases interface {
	// Hold keeps a release on the node until its holder frees it. A holder holds one release.
	Hold(holder, label string)
	// Free ends a hold; a holder that holds nothing is fine.
	Free(holder string)
	// Ensure returns the release, brought from the servers' cache if the node lacks it. Of many callers at once, one brings it.
	Ensure(ctx context.Context, label string, digest []byte) (release.Release, error)
}

// pool is the pre-initialised slots of this node: resources that servers keep free on it for workers to come. The agent brings
// what those workers need before they are there, keeps a process waiting for them where their engine can, and says so. Nothing
// else waits for a slot: who brings a release first, brings it for all.
type pool struct {
	releases Releases
	room     func() error // why the node starts no workers
	warmth   *warmth
	outbox   *outbox
	logger   *slog.Logger

	ctx context.Context // of all preparations; set before the first assignment
	wg  sync.WaitGroup

	mu       sync.Mutex
	slots    map[string]*slot // by id
	bringing map[string]bool  // releases that a goroutine brings, by key
}

// slot is one of them.
type slot struct {
	assigned *agentv1.AssignedSlot
	warming  bool                // the release is there
	status   *agentv1.SlotStatus // nil: it is being prepared
}

func newPool(config Config, releases Releases, warmth *warmth, outbox *outbox, room func() error) *pool {
	return &pool{
		releases: releases, room: room, warmth: warmth, outbox: outbox, logger: config.Logger, slots: map[string]*slot{}, bringing: map[string]bool{},
	}
}

// assign takes what a part of an assignment wants of slots. What is known already of a slot that it names is told again: it may be a new leader.
func (p *pool) assign(a *agentv1.Assignment) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, wanted := range a.GetSlots() {
		p.hold(wanted)
	}
	for _, id := range a.GetForgetSlots() {
		p.drop(id)
	}
}

// keep drops all slots but those named by a complete assignment.
func (p *pool) keep(named map[string]bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for id := range p.slots {
		if !named[id] {
			p.drop(id)
		}
	}
}

// hold begins to prepare a slot, unless it was before.
func (p *pool) hold(wanted *agentv1.AssignedSlot) {
	known := p.slots[wanted.GetSlotId()]
	if known != nil && proto.Equal(known.assigned, wanted) {
		if known.status != nil {
			p.outbox.putSlot(known.status)
		}
		return
	}
	held := &slot{assigned: wanted}
	p.slots[wanted.GetSlotId()] = held
	if wanted.GetReleaseLabel() == "" {
		p.releases.Free(holderOf(wanted.GetSlotId()))
		p.settle(held, p.room())
		return
	}
	p.releases.Hold(holderOf(wanted.GetSlotId()), wanted.GetReleaseLabel())
	if key := keyOf(wanted); !p.bringing[key] {
		p.bringing[key] = true
		p.wg.Go(func() { p.bring(wanted) })
	}
}

// bring brings a slot's release, for all slots that wait for it.
func (p *pool) bring(wanted *agentv1.AssignedSlot) {
	ctx, cancel := context.WithTimeout(p.ctx, prepareTimeout)
	defer cancel()
	err := p.room()
	if err == nil {
		_, err = p.releases.Ensure(ctx, wanted.GetReleaseLabel(), wanted.GetReleaseDigest())
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.bringing, keyOf(wanted))
	if p.ctx.Err() != nil {
		return // the agent leaves; the next one prepares them
	}
	if err != nil {
		p.logger.Warn("cannot prepare slots", "release", wanted.GetReleaseLabel(), "error", err)
	}
	for _, waiting := range p.slots {
		switch {
		case waiting.status != nil || waiting.warming || keyOf(waiting.assigned) != keyOf(wanted):
		case err != nil:
			p.settle(waiting, err)
		default:
			waiting.warming = true
			p.warmth.hold(waiting.assigned, func() { p.warmed(waiting) })
		}
	}
}

// warmed says that a slot is prepared. A process that cannot be kept waiting there is no reason against it: workers start cold then.
func (p *pool) warmed(s *slot) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.slots[s.assigned.GetSlotId()] == s && s.status == nil {
		p.settle(s, nil)
	}
}

// settle says what became of a slot.
func (p *pool) settle(s *slot, err error) {
	s.status = &agentv1.SlotStatus{SlotId: s.assigned.GetSlotId(), Ready: err == nil}
	if err != nil {
		s.status.Error = cmp.Or(bounded(err.Error()), "no reason was given")
	}
	p.outbox.putSlot(s.status)
}

// drop forgets a slot. What is brought for it comes to its end, for the next one.
func (p *pool) drop(id string) {
	delete(p.slots, id)
	p.warmth.drop(id)
	p.releases.Free(holderOf(id))
	p.outbox.dropSlot(id)
}

// holderOf returns the name under which a slot holds its release.
func holderOf(id string) string { return "slot " + id }

// keyOf returns what is brought for a slot.
func keyOf(s *agentv1.AssignedSlot) string {
	return s.GetReleaseLabel() + " " + hex.EncodeToString(s.GetReleaseDigest())
}
