package consensus

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/headrace/headrace/fsm"
	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/errs"
	eventv1 "github.com/headrace/headrace/proto/headrace/event/v1"
)

// feeder publishes records of n events.
type feeder struct {
	*Window
	machine *fsm.Machine
}

func newFeeder(maxEvents int) *feeder {
	machine := fsm.New()
	return &feeder{newWindow(maxEvents, machine.View()), machine}
}

func (f *feeder) record(events int) *eventv1.Record {
	record := &eventv1.Record{Sequence: f.machine.View().Sequence + 1, TimeUnixNano: 1}
	for i := range events {
		record.Events = append(record.Events, noted(fmt.Sprint(i), "x", time.Unix(1, 0)))
	}
	return record
}

func (f *feeder) feed(records, events int) {
	for range records {
		record := f.record(events)
		f.machine.Apply(record)
		f.publish(record, 1, f.machine.View())
	}
}

func TestWindow_DeliversEveryRecordInOrder(t *testing.T) {
	f := newFeeder(10_000)
	_, at := f.Newest()
	f.feed(600, 2)
	next := uint64(1)
	for next <= 600 {
		batch, err := f.Read(within(t), at)
		must(t, err)
		if len(batch.Records) > readRecords {
			t.Fatalf("got %d records at once", len(batch.Records))
		}
		for _, record := range batch.Records {
			if record.Sequence != next {
				t.Fatalf("got record %d, want %d", record.Sequence, next)
			}
			next++
		}
		at = batch.Next
		if batch.View.Sequence < at.Record-1 {
			t.Fatalf("the state is at %d, before the last record %d", batch.View.Sequence, at.Record-1)
		}
	}
}

func TestWindow_ForgetsTheOldest(t *testing.T) {
	f := newFeeder(100)
	f.feed(60, 2)
	_, err := f.Read(within(t), Position{Record: 10})
	wantKind(t, err, errs.Compacted)
	batch, err := f.Read(within(t), Position{Record: 11, Event: 1})
	must(t, err)
	if len(batch.Records) != 50 || batch.Skip != 1 || batch.Next != (Position{Record: 61}) {
		t.Errorf("got %d records, skip %d, next %v", len(batch.Records), batch.Skip, batch.Next)
	}
}

func TestWindow_KeepsTheNewestHoweverLarge(t *testing.T) {
	f := newFeeder(10)
	f.feed(1, 50)
	batch, err := f.Read(within(t), Position{Record: 1})
	must(t, err)
	if len(batch.Records) != 1 {
		t.Error("the newest record was forgotten")
	}
}

func TestWindow_IsBoundedInBytes(t *testing.T) {
	f := newFeeder(1_000)
	for range 4 {
		record := f.record(1)
		f.machine.Apply(record)
		f.publish(record, windowBytes/3, f.machine.View())
	}
	if len(f.kept) != 3 || f.bytes > windowBytes {
		t.Errorf("keeps %d records of %d bytes", len(f.kept), f.bytes)
	}
}

// TestWindow_CountsTheBytesOfChanges publishes small records that change much.
func TestWindow_CountsTheBytesOfChanges(t *testing.T) {
	tx := state.New().Begin()
	for range windowBytes / 3 / 1024 {
		tx.PutNode(state.Node{ID: "a" + strings.Repeat("n", 1023)})
		tx.PutNode(state.Node{ID: "b"})
	}
	f := newFeeder(1_000)
	view := tx.Commit()
	for range 4 {
		f.publish(f.record(1), 1, view)
	}
	if len(f.kept) != 2 || f.bytes > windowBytes {
		t.Errorf("keeps %d records of %d bytes", len(f.kept), f.bytes)
	}
}

func TestWindow_SnapshotSkipsWaitingReaders(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFeeder(100)
		ahead := newFeeder(100)
		f.feed(3, 1)
		ahead.feed(9, 1)
		result := make(chan error, 1)
		applied := make(chan error, 1)
		go func() { _, err := f.Read(t.Context(), Position{Record: 4}); result <- err }()
		go func() { applied <- f.waitApplied(t.Context(), 9) }()
		synctest.Wait()
		f.reset(ahead.machine.View())
		wantKind(t, <-result, errs.Compacted)
		must(t, <-applied)
	})
}

func TestWindow_ReadEndsWithItsContext(t *testing.T) {
	f := newFeeder(100)
	ctx, cancel := context.WithCancel(within(t))
	cancel()
	if _, err := f.Read(ctx, Position{Record: 1}); err == nil {
		t.Error("read something of nothing")
	}
	wantKind(t, f.waitApplied(ctx, 1), errs.Unavailable)
}

func TestD4_WindowFindsTheFirstRecordSinceATime(t *testing.T) {
	f := newFeeder(3)
	add := func(second int64) {
		record := f.record(1)
		record.TimeUnixNano = second * int64(time.Second)
		f.machine.Apply(record)
		f.publish(record, 1, f.machine.View())
	}
	want := func(since int64, record uint64, oldest time.Time) {
		t.Helper()
		at, kept := f.Since(time.Unix(since, 0))
		if at.Record != record || at.Event != 0 || !kept.Equal(oldest) {
			t.Errorf("since %d s it is record %d, kept from %s", since, at.Record, kept)
		}
	}
	want(5, 1, time.Time{}) // nothing yet
	for _, second := range []int64{10, 20, 20} {
		add(second)
	}
	want(5, 1, time.Time{})
	want(20, 2, time.Time{})
	want(21, 4, time.Time{}) // what comes next
	add(30)                  // the first one is no longer kept
	want(5, 2, time.Unix(20, 0))
	want(25, 4, time.Time{})
}

func TestWindow_TellsWhatRecordsChanged(t *testing.T) {
	f := newFeeder(10)
	f.feed(3, 1)
	view, changes, known := f.ChangesSince(1)
	if !known || view.Sequence != 3 || len(changes) != 2 || changes[1] != f.machine.View().Changes() {
		t.Errorf("after record 1: %d changes up to record %d, known: %t", len(changes), view.Sequence, known)
	}
	if _, changes, known := f.ChangesSince(3); !known || len(changes) != 0 {
		t.Errorf("after the newest record: %d changes, known: %t", len(changes), known)
	}
	f.feed(20, 1)
	if _, _, known := f.ChangesSince(3); known {
		t.Error("what records changed that are no longer kept is known")
	}
	if _, _, known := f.ChangesSince(24); known {
		t.Error("what records changed that are still to come is known")
	}
	f.reset(f.machine.View())
	if _, changes, known := f.ChangesSince(23); !known || len(changes) != 0 {
		t.Errorf("after a snapshot of the newest record: %d changes, known: %t", len(changes), known)
	}
}
