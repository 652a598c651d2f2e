package consensus

import (
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/headrace/headrace/fsm"
	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/caught"
	"github.com/headrace/headrace/internal/errs"
	eventv1 "github.com/headrace/headrace/proto/headrace/event/v1"
	"github.com/headrace/headrace/server/command"
)

// The bounds of a record. If the events of one decision are larger than maxRecordBytes, they get a record of their own,
// up to maxDecisionBytes: a submission of 256 KiB over settings of 256 KiB, and what they mean, which may say a part of
// them twice.
const (
	maxDecisions     = 512
	maxRecordBytes   = 256 << 10
	maxDecisionBytes = 2 << 20
)

// batch is a record that is being decided.
type batch struct {
	view    *state.View // the newest state with everything decided so far
	meta    command.Meta
	record  *eventv1.Record
	bytes   int
	decided []decided
	panics  *caught.Panics
}

// decided is a decision of the batch with what it is going to be told.
type decided struct {
	*pending
	outcome
}

// newBatch starts the record after view.
func newBatch(view *state.View, meta command.Meta, checkpointEvery uint64) *batch {
	meta.Now = later(view.Time, meta.Now)
	record := &eventv1.Record{
		Sequence:     view.Sequence + 1,
		TimeUnixNano: state.Nano(meta.Now),
		Term:         meta.Term,
		Version:      meta.LogVersion,
	}
	record.Checkpoint = record.Sequence%checkpointEvery == 0
	return &batch{
		view:   view,
		meta:   meta,
		record: record,
	}
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// full says whether the record takes no further decision.
func (b *batch) full() bool { return len(b.decided) >= maxDecisions || b.bytes >= maxRecordBytes }

// add runs a decision. It returns false if its events have no room in this record: then it is decided again for the
// next one.
func (b *batch) add(p *pending) bool {
	s, err := b.try(p)
	if err != nil {
		b.decided = append(b.decided, decided{p, outcome{err: err}})
		return true
	}
	if len(b.record.Events) > 0 && b.bytes+s.bytes > maxRecordBytes {
		return false
	}
	b.accept(p, s)
	return true
}

// result is what a decision adds to the record.
type result struct {
	events []*eventv1.Event
	bytes  int
	view   *state.View // the newest state with the events
}

// try runs a decision and applies its events to a scratch copy. It changes nothing of the batch, so a panic in it
// refuses this one decision: its caller is told, and no other server is asked to panic as well.
func (b *batch) try(p *pending) (s result, err error) {
	err = b.panics.Do("a decision", func() (err error) {
		if s.events, err = p.decide(b.view, b.meta); err != nil {
			return err
		}
		if s.bytes, err = b.weigh(s.events); err == nil && len(s.events) > 0 {
			s.view = fsm.ApplyEvents(b.view, &eventv1.Record{
				Sequence:     b.record.Sequence,
				TimeUnixNano: b.record.TimeUnixNano,
				Term:         b.record.Term,
				Events:       s.events,
			})
		}
		return err
	})
	return s, err
}

func (b *batch) weigh(events []*eventv1.Event) (bytes int, err error) {
	if err := admissible(events, b.meta.LogVersion); err != nil {
		return 0, err
	}
	bytes = proto.Size(&eventv1.Record{Events: events})
	if bytes > maxDecisionBytes {
		return 0, errs.New(errs.TooLarge, "cannot write %d bytes as one decision: at most %d", bytes, maxDecisionBytes)
	}
	return bytes, nil
}

func (b *batch) accept(p *pending, s result) {
	if len(s.events) == 0 {
		seen := Applied{Sequence: b.view.Sequence, Term: b.meta.Term}
		b.decided = append(b.decided, decided{p, outcome{applied: seen}})
		return
	}
	applied := Applied{
		Sequence: b.record.Sequence,
		First:    len(b.record.Events),
		Events:   len(s.events),
		Term:     b.meta.Term,
	}
	b.decided = append(b.decided, decided{p, outcome{applied: applied}})
	b.record.Events = append(b.record.Events, s.events...)
	b.bytes += s.bytes
	b.view = s.view
}

// pendings returns the decisions in their order.
func (b *batch) pendings() []*pending {
	all := make([]*pending, len(b.decided))
	for i, d := range b.decided {
		all[i] = d.pending
	}
	return all
}

// succeed tells everybody their answer: the record is applied, or there was none and this server still leads.
func (b *batch) succeed() {
	for _, d := range b.decided {
		d.answer(d.applied, d.err)
	}
}

// fail tells everybody that the record did not go through. A decision that changes nothing may have seen facts that
// never came true, so it has no answer either, but it may safely be asked again.
func (b *batch) fail(err error) {
	for _, d := range b.decided {
		if d.applied.Events > 0 {
			d.answer(Applied{}, err)
		} else {
			d.answer(Applied{}, errNotLeader())
		}
	}
}
