package consensus

import (
	"sync/atomic"

	"github.com/headrace/headrace/fsm/state"
	eventv1 "github.com/headrace/headrace/proto/headrace/event/v1"
	"github.com/headrace/headrace/server/command"
)

// Decision turns the newest state into events, or refuses with an error. It must be pure: it runs inside the serial
// section of the door, and again if its record turned out void. No events and no error mean that nothing needs to
// change. If it panics, or if applying its events to the scratch copy does, an invariant is broken: this decision is
// refused as Internal, and no other. The same panic in the log itself, where it would leave the state of this replica
// broken, stops the process.
type Decision func(view *state.View, meta command.Meta) ([]*eventv1.Event, error)

// Applied says where a decision's events are in the log.
type Applied struct {
	Sequence uint64 // the record; for a decision without events, the last record that it saw
	First    int    // the first of its events in the record
	Events   int    // how many events are its own
	Term     uint64 // the deciding leader's term
}

// pending is a decision on its way through the door.
type pending struct {
	decide  Decision
	stage   atomic.Int32
	voids   int // how many records that it was in were void; the decider's
	outcome chan outcome
}

// The stages of a pending: a caller may leave while it waits, and gets no sure answer any more once it is taken.
const (
	waiting int32 = iota
	taken
	abandoned
)

type outcome struct {
	applied Applied
	err     error
}

func newPending(decide Decision) *pending {
	return &pending{decide: decide, outcome: make(chan outcome, 1)}
}

// take says whether the decision is still wanted.
func (p *pending) take() bool { return p.stage.CompareAndSwap(waiting, taken) }

// abandon says whether the decision was given up before it was taken.
func (p *pending) abandon() bool { return p.stage.CompareAndSwap(waiting, abandoned) }

// release makes a taken decision wait again.
func (p *pending) release() { p.stage.Store(waiting) }

// answer is called once.
func (p *pending) answer(applied Applied, err error) { p.outcome <- outcome{applied, err} }
