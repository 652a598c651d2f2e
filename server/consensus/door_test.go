package consensus

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/raft"
	"google.golang.org/protobuf/proto"

	"github.com/headrace/headrace/fsm"
	"github.com/headrace/headrace/fsm/event"
	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/caught"
	"github.com/headrace/headrace/internal/errs"
	eventv1 "github.com/headrace/headrace/proto/headrace/event/v1"
	"github.com/headrace/headrace/server/command"
)

// testDoor is a door before a machine without Raft.
type testDoor struct {
	*door
	machine   *fsm.Machine
	now       time.Time
	confirmed int
	proposed  []*eventv1.Record
	fate      func(*eventv1.Record) (bool, error) // nil: applied
}

func newTestDoor(t *testing.T) *testDoor {
	t.Helper()
	d := &testDoor{machine: fsm.New(), now: time.Unix(1_000_000, 0)}
	d.door = &door{
		queue:           newQueue(),
		view:            d.machine.View,
		lowest:          func() uint32 { return LogVersion },
		clock:           func() time.Time { return d.now },
		ids:             newULIDs(func() time.Time { return d.now }),
		checkpointEvery: 4,
		confirm:         func(context.Context) error { d.confirmed++; return nil },
		propose: func(record *eventv1.Record) (bool, error) {
			d.proposed = append(d.proposed, proto.CloneOf(record))
			if d.fate != nil {
				return d.fate(record)
			}
			return d.machine.Apply(record), nil
		},
	}
	d.queue.open()
	return d
}

// ask queues decisions and settles one batch.
func (d *testDoor) ask(t *testing.T, decisions ...Decision) []*pending {
	t.Helper()
	var all []*pending
	for _, decide := range decisions {
		p := newPending(decide)
		must(t, d.queue.put(p))
		all = append(all, p)
	}
	d.settle(within(t), d.gather(7))
	return all
}

func refuse(err error) Decision {
	return func(*state.View, command.Meta) ([]*eventv1.Event, error) { return nil, err }
}

func nothing(*state.View, command.Meta) ([]*eventv1.Event, error) { return nil, nil }

func large(key string, bytes int) Decision {
	return func(_ *state.View, meta command.Meta) ([]*eventv1.Event, error) {
		return []*eventv1.Event{noted(key, strings.Repeat("x", bytes), meta.Now)}, nil
	}
}

func TestDoor_DecidesInOrderAndARefusalHarmsNobody(t *testing.T) {
	d := newTestDoor(t)
	refused := errs.New(errs.WrongState, "no")
	sees := func(view *state.View, meta command.Meta) ([]*eventv1.Event, error) {
		if view.Request("a") == nil {
			return nil, errors.New("cannot see what was decided before")
		}
		return note("b")(view, meta)
	}
	all := d.ask(t, note("a"), refuse(refused), sees, nothing)
	want := []outcome{
		{applied: Applied{Sequence: 1, First: 0, Events: 1, Term: 7}},
		{err: refused},
		{applied: Applied{Sequence: 1, First: 1, Events: 1, Term: 7}},
		{applied: Applied{Sequence: 1, Term: 7}},
	}
	for i, p := range all {
		if got := <-p.outcome; got != want[i] {
			t.Errorf("decision %d got %+v, want %+v", i, got, want[i])
		}
	}
	if len(d.proposed) != 1 || len(d.proposed[0].Events) != 2 || d.confirmed != 0 {
		t.Errorf("%d records, %d confirmations; want one record with two events", len(d.proposed), d.confirmed)
	}
}

func TestDoor_AnswersWithoutEventsConfirmLeadership(t *testing.T) {
	d := newTestDoor(t)
	all := d.ask(t, nothing, refuse(errs.New(errs.NotFound, "no")))
	must(t, (<-all[0].outcome).err)
	wantKind(t, (<-all[1].outcome).err, errs.NotFound)
	if d.confirmed != 1 || len(d.proposed) != 0 {
		t.Errorf("%d confirmations and %d records; want one and none", d.confirmed, len(d.proposed))
	}
	d.confirm = func(context.Context) error { return errNotLeader() }
	wantKind(t, (<-d.ask(t, nothing)[0].outcome).err, errs.NotLeader)
}

func TestDoor_RecordIsBoundedInDecisionsAndBytes(t *testing.T) {
	d := newTestDoor(t)
	for i := range maxDecisions + 1 {
		must(t, d.queue.put(newPending(note(fmt.Sprint(i)))))
	}
	if b := d.gather(1); len(b.decided) != maxDecisions {
		t.Errorf("a record took %d decisions, want %d", len(b.decided), maxDecisions)
	}
	d = newTestDoor(t)
	half := maxRecordBytes / 2
	first := d.ask(t, large("a", half), large("b", half), large("c", 2*maxRecordBytes))
	d.settle(within(t), d.gather(7))
	d.settle(within(t), d.gather(7))
	for i, p := range first {
		if o := <-p.outcome; o.err != nil || o.applied.Sequence != uint64(i+1) {
			t.Errorf("decision %d got %+v, want a record of its own", i, o)
		}
	}
	wantKind(t, (<-d.ask(t, large("d", maxDecisionBytes))[0].outcome).err, errs.TooLarge)
}

func TestDoor_TimeNeverGoesBack(t *testing.T) {
	d := newTestDoor(t)
	d.ask(t, note("a"))
	before := d.machine.View().Time
	d.now = d.now.Add(-time.Hour)
	d.ask(t, note("b"))
	if got := d.machine.View().Time; !got.Equal(before) {
		t.Errorf("time went from %s to %s", before, got)
	}
	d.now = d.now.Add(2 * time.Hour)
	d.ask(t, note("c"))
	if got := d.machine.View().Time; !got.Equal(d.now) {
		t.Errorf("time is %s, want the clock's %s", got, d.now)
	}
}

func TestDoor_VoidRecordsEnd(t *testing.T) {
	d := newTestDoor(t)
	d.fate = func(*eventv1.Record) (bool, error) { return false, nil }
	p := d.ask(t, note("a"))[0]
	for len(d.proposed) < maxVoids {
		d.settle(within(t), d.gather(7))
	}
	wantKind(t, (<-p.outcome).err, errs.Unavailable)
}

func TestDoor_LossIsUnknownOnlyForWhatWouldHaveChanged(t *testing.T) {
	d := newTestDoor(t)
	d.fate = func(*eventv1.Record) (bool, error) { return false, errs.New(errs.Unknown, "lost") }
	all := d.ask(t, note("a"), nothing, refuse(errs.New(errs.NotFound, "no")))
	wantKind(t, (<-all[0].outcome).err, errs.Unknown)
	wantKind(t, (<-all[1].outcome).err, errs.NotLeader)
	wantKind(t, (<-all[2].outcome).err, errs.NotLeader)
}

func TestDoor_LeavingWhileCommittingIsUnknown(t *testing.T) {
	d := newTestDoor(t)
	ctx, leave := context.WithCancel(within(t))
	committing := make(chan struct{})
	finish := make(chan struct{})
	run := make(chan struct{})
	d.fate = func(record *eventv1.Record) (bool, error) {
		close(committing)
		<-finish
		return d.machine.Apply(record), nil
	}
	leadership, end := context.WithCancel(within(t))
	go func() { defer close(run); d.run(leadership, 1) }()
	go func() { <-committing; leave() }()
	_, err := d.execute(ctx, note("a"))
	wantKind(t, err, errs.Unknown)
	close(finish)
	end()
	<-run
	if d.machine.View().Request("a") == nil {
		t.Error("the record was given up with its caller")
	}
}

func TestDoor_RefusesEventsThatOldServersDoNotKnow(t *testing.T) {
	d := newTestDoor(t)
	d.lowest = func() uint32 { return 0 }
	wantKind(t, (<-d.ask(t, note("a"))[0].outcome).err, errs.Unavailable)
	if len(d.proposed) != 0 {
		t.Error("it was proposed all the same")
	}
}

func TestDoor_MarksCheckpoints(t *testing.T) {
	d := newTestDoor(t)
	for i := range 8 {
		d.ask(t, note(fmt.Sprint(i)))
	}
	for _, record := range d.proposed {
		if want := record.Sequence%4 == 0; record.Checkpoint != want {
			t.Errorf("record %d: checkpoint is %v, want %v", record.Sequence, record.Checkpoint, want)
		}
	}
}

// TestDoor_APanicRefusesItsDecisionAlone has decisions panic by themselves, and by events that do not fit the state, in
// the middle of a batch: those around them are committed together.
func TestDoor_APanicRefusesItsDecisionAlone(t *testing.T) {
	d := newTestDoor(t)
	d.panics = caught.New(slog.New(slog.DiscardHandler))
	broken := func(*state.View, command.Meta) ([]*eventv1.Event, error) { panic("broken") }
	unfit := func(*state.View, command.Meta) ([]*eventv1.Event, error) {
		return []*eventv1.Event{{Fact: &eventv1.Event_NodeLost{NodeLost: &eventv1.NodeLost{NodeId: "nowhere"}}}}, nil
	}
	all := d.ask(t, note("a"), broken, note("b"), unfit, note("c"))
	for i, p := range all {
		o := <-p.outcome
		if i == 1 || i == 3 {
			wantKind(t, o.err, errs.Internal)
		} else if o.err != nil || o.applied.First != i/2 {
			t.Errorf("decision %d got %+v", i, o)
		}
	}
	if len(d.proposed) != 1 || len(d.proposed[0].Events) != 3 || d.panics.Count() != 2 {
		t.Errorf("%d records, %d panics counted; want one record with three events, and two",
			len(d.proposed), d.panics.Count())
	}
	must(t, (<-d.ask(t, note("d"))[0].outcome).err)
}

// TestReplica_APanicOfTheLogIsNotCaught holds the other side: a fact that does not fit the state ends the process.
func TestReplica_APanicOfTheLogIsNotCaught(t *testing.T) {
	data, err := proto.Marshal(&eventv1.Record{Sequence: 1, Events: []*eventv1.Event{
		{Fact: &eventv1.Event_NodeLost{NodeLost: &eventv1.NodeLost{NodeId: "nowhere"}}},
	}})
	must(t, err)
	machine := fsm.New()
	r := &replica{machine: machine, window: newWindow(10, machine.View())}
	defer func() {
		if recover() == nil {
			t.Error("a broken state went on")
		}
	}()
	r.Apply(&raft.Log{Data: data})
}

func TestSince_KnowsEveryEvent(t *testing.T) {
	for _, kind := range event.All() {
		if kind.Since == 0 || kind.Since > LogVersion {
			t.Errorf("%s has log version %d; say it at its line in record.proto, and raise LogVersion with it",
				kind.Name, kind.Since)
		}
	}
}
