package fsm

import (
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/headrace/headrace/fsm/event"
	"github.com/headrace/headrace/fsm/state"
	eventv1 "github.com/headrace/headrace/proto/headrace/event/v1"
)

// Draft is a decision in the making. Every fact that it takes is applied at once to a scratch copy, by the same code
// that applies the log, so that what is decided next sees it.
type Draft struct {
	applier applier
	events  []*eventv1.Event
	bytes   int // of the events, as the log will hold them
	bound   int // bytes from which on it is full; 0: it never is
}

// NewDraft begins a decision on a view, at a time.
func NewDraft(view *state.View, now time.Time) *Draft {
	return &Draft{applier: applier{tx: view.Begin(), now: now}}
}

// View returns the state with all facts so far. Read it before the next fact only.
func (d *Draft) View() *state.View { return d.applier.tx.View() }

// Now returns the time of the decision.
func (d *Draft) Now() time.Time { return d.applier.now }

// Add takes a fact: one of the messages that an Event can hold.
func (d *Draft) Add(fact proto.Message) {
	e := event.Wrap(fact)
	d.applier.apply(e)
	d.events = append(d.events, e)
	d.bytes += proto.Size(e)
}

// Bound sets the bytes of facts at which the draft is full. A full draft still takes facts.
func (d *Draft) Bound(bytes int) { d.bound = bytes }

// Full says whether the facts have reached the bound. A decision with many facts then leaves the rest to a next step.
func (d *Draft) Full() bool { return d.bound > 0 && d.bytes >= d.bound }

// Events returns the facts in order.
func (d *Draft) Events() []*eventv1.Event { return d.events }
