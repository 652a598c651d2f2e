package consensus

import (
	"context"
	"time"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/caught"
	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/every"
	"github.com/headrace/headrace/internal/ident"
	eventv1 "github.com/headrace/headrace/proto/headrace/event/v1"
	"github.com/headrace/headrace/server/command"
)

// maxVoids bounds how often a decision runs again because its record was void. One void is possible when this server
// lost and regained leadership while it proposed; eight in a row mean that something else writes.
const maxVoids = 8

// door runs decisions and proposes their records. Its fields are set once; run belongs to one goroutine.
type door struct {
	queue           *queue
	view            func() *state.View                  // the newest applied state
	propose         func(*eventv1.Record) (bool, error) // commits and applies; false: the record was void
	confirm         func(context.Context) error         // returns nil when this server led after the call began
	lowest          func() uint32                       // the cluster's lowest log version
	clock           func() time.Time                    // record time
	timely          func() bool                         // this server's clock is right; nil: it is
	ids             ident.Source
	limits          command.Limits
	checkpointEvery uint64
	panics          *caught.Panics // of decisions
}

// execute waits for the decision's outcome.
func (d *door) execute(ctx context.Context, decide Decision) (Applied, error) {
	if err := ctx.Err(); err != nil {
		return Applied{}, notExecuted(err)
	}
	p := newPending(decide)
	if err := d.queue.put(p); err != nil {
		return Applied{}, err
	}
	select {
	case o := <-p.outcome:
		return o.applied, o.err
	case <-ctx.Done():
	}
	if p.abandon() {
		return Applied{}, notExecuted(ctx.Err())
	}
	select {
	case o := <-p.outcome: // it came at the same moment
		return o.applied, o.err
	default:
		return Applied{}, errs.New(errs.Unknown,
			"cannot say what came of it: %w while it was being committed; repeat it with the same request id",
			ctx.Err())
	}
}

func notExecuted(err error) error {
	return errs.New(errs.Unavailable, "cannot decide in time: %w before its turn; nothing was changed", err)
}

// run decides until ctx is over. The state must be that of a leader whose barrier is applied. Nothing is proposed by a
// clock that is wrong: a record's time would stay. This server steps down soon then; what waits is answered by that.
func (d *door) run(ctx context.Context, term uint64) {
	for d.queue.wait(ctx) {
		b := d.gather(term)
		if d.timely != nil && !d.timely() {
			d.queue.putBack(b.pendings()...)
			every.Pause(ctx, clockEvery)
			continue
		}
		if len(b.decided) > 0 {
			d.settle(ctx, b)
		}
	}
}

// gather decides what waits, up to the record's bounds.
func (d *door) gather(term uint64) *batch {
	meta := command.Meta{
		Now:        d.clock(),
		Term:       term,
		IDs:        d.ids,
		Limits:     d.limits,
		LogVersion: d.lowest(),
	}
	b := newBatch(d.view(), meta, d.checkpointEvery)
	b.panics = d.panics
	for !b.full() {
		p := d.queue.next()
		if p == nil {
			break
		}
		if !b.add(p) {
			d.queue.putBack(p)
			break
		}
	}
	return b
}

// settle commits the batch and answers its decisions.
func (d *door) settle(ctx context.Context, b *batch) {
	if len(b.record.Events) == 0 {
		// The answers speak of the state, so it has to be the newest: nobody else may have led meanwhile.
		if err := d.confirm(ctx); err != nil {
			b.fail(err)
			return
		}
		b.succeed()
		return
	}
	switch applied, err := d.propose(b.record); {
	case err != nil:
		b.fail(err)
	case applied:
		b.succeed()
	default:
		d.again(b.pendings())
	}
}

// again lets the decisions of a void record run once more, with new time and ids.
func (d *door) again(all []*pending) {
	back := all[:0]
	for _, p := range all {
		if p.voids++; p.voids < maxVoids {
			back = append(back, p)
			continue
		}
		p.answer(Applied{}, errs.New(errs.Unavailable,
			"cannot decide: its record was void %d times; try again", p.voids))
	}
	d.queue.putBack(back...)
}
