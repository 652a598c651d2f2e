package sim

import (
	"fmt"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/headrace/headrace/fsm"
	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/errs"
	eventv1 "github.com/headrace/headrace/proto/headrace/event/v1"
	"github.com/headrace/headrace/server/command"
)

// decide is the Decide of a command.
type decide func(*state.View, command.Meta) ([]*eventv1.Event, error)

// maxBatch bounds the decisions of a record.
const maxBatch = 16

// door turns decisions into records, one record in flight at a time, as package consensus does.
type door struct {
	world   *world
	waiting []*pending
	flying  *flight
	term    uint64
	ids     int
	late    int // records of old leaders that are still to be committed
}

// pending is a decision that waits for its answer.
type pending struct {
	decide  decide
	done    func(error)
	changed bool // it gave events
}

// flight is a record on its way, with its decisions.
type flight struct {
	record  *eventv1.Record
	decided []*pending
}

// NewID counts; ids sort as they are made.
func (d *door) NewID() string {
	d.ids++
	return fmt.Sprintf("%026d", d.ids)
}

// execute hands a decision in. Its answer is nil once its events are applied, Unknown when that is not known, or its
// refusal.
func (w *world) execute(decide decide, done func(error)) {
	w.door.waiting = append(w.door.waiting, &pending{decide: decide, done: done})
	w.after(0, w.door.propose)
}

// propose decides what waits, on the leader's newest view, as one record.
func (d *door) propose() {
	if d.flying != nil || len(d.waiting) == 0 {
		return
	}
	batch := d.waiting[:min(len(d.waiting), maxBatch)]
	d.waiting = d.waiting[len(batch):]
	p := d.decideAll(batch)
	if len(p.record.Events) == 0 {
		d.answer(p, nil)
		d.world.after(0, d.propose)
		return
	}
	d.flying = p
	d.world.after(d.world.between(time.Millisecond, 150*time.Millisecond), func() { d.commit(p) })
}

func (d *door) decideAll(batch []*pending) *flight {
	view := d.world.view()
	now := d.world.now
	if view.Time.After(now) {
		now = view.Time
	}
	p := &flight{record: &eventv1.Record{
		Sequence:     view.Sequence + 1,
		TimeUnixNano: state.Nano(now),
		Term:         d.term,
		Version:      2,
	}}
	for _, pending := range batch {
		events, err := pending.decide(view, command.Meta{
			Now:    now,
			Term:   d.term,
			IDs:    d,
			Limits: d.world.limits,

			LogVersion: 2,
		})
		if err != nil {
			pending.done(err)
			continue
		}
		pending.changed = len(events) > 0
		p.decided = append(p.decided, pending)
		p.record.Events = append(p.record.Events, events...)
		view = fsm.ApplyEvents(view, &eventv1.Record{
			Sequence:     p.record.Sequence,
			TimeUnixNano: p.record.TimeUnixNano,
			Events:       events,
		})
	}
	return p
}

func (d *door) answer(p *flight, err error) {
	for _, pending := range p.decided {
		pending.done(err)
	}
}

// commit appends the record of the leader that still is. A record that is void, because one of an older leader came
// first, has its decisions made again.
func (d *door) commit(p *flight) {
	if d.flying != p {
		return // another leader came meanwhile, and dealt with it
	}
	d.flying = nil
	d.append(p)
	if applied := d.world.leader.catchUp(); applied {
		d.answer(p, nil)
	} else {
		d.waiting = append(p.decided, d.waiting...)
	}
	d.propose()
}

func (d *door) append(p *flight) {
	data, err := proto.MarshalOptions{Deterministic: true}.Marshal(p.record)
	if err != nil {
		d.world.fail("cannot encode record %d: %v", p.record.Sequence, err)
	}
	d.world.log = append(d.world.log, data)
}

// changeLeader gives the lead to a server. What was in flight is lost, committed without an answer, or committed late,
// when records of the new leader may have made it void. Nobody can tell which, so its decisions get Unknown.
func (d *door) changeLeader(to *replica) {
	w := d.world
	p := d.flying
	d.flying = nil
	d.term++
	w.planner.forget()
	if p != nil {
		switch w.random.IntN(3) {
		case 0:
			d.append(p)
		case 1:
			d.late++
			w.after(w.between(0, 500*time.Millisecond), func() {
				d.late--
				d.append(p)
				if d.flying == nil {
					w.leader.catchUp()
				}
			})
		}
		d.answer(p, errs.New(errs.Unknown, "the leader changed"))
	}
	w.leader = to
	to.catchUp() // a new leader's barrier
	w.count.LeaderChanges++
	w.after(w.between(0, 300*time.Millisecond), d.propose)
}
