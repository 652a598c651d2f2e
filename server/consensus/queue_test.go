package consensus

import (
	"context"
	"errors"
	"testing"

	"github.com/headrace/headrace/internal/errs"
)

func TestQueue_RefusesWhatIsTooMuch(t *testing.T) {
	q := newQueue()
	q.open()
	for range maxQueue {
		must(t, q.put(newPending(note("a"))))
	}
	wantKind(t, q.put(newPending(note("a"))), errs.Overloaded)
	q.next()
	must(t, q.put(newPending(note("a"))))
}

func TestQueue_ClosedAnswersNotLeader(t *testing.T) {
	q := newQueue()
	wantKind(t, q.put(newPending(note("a"))), errs.NotLeader)
	q.open()
	p := newPending(note("a"))
	back := newPending(note("b"))
	must(t, q.put(back))
	q.next()
	must(t, q.put(p))
	q.close(errNotLeader())
	wantKind(t, (<-p.outcome).err, errs.NotLeader)
	q.putBack(back)
	wantKind(t, (<-back.outcome).err, errs.NotLeader)
}

func TestQueue_KeepsTheOrderOfWhatIsPutBack(t *testing.T) {
	q := newQueue()
	q.open()
	all := []*pending{newPending(note("a")), newPending(note("b")), newPending(note("c"))}
	for _, p := range all {
		must(t, q.put(p))
	}
	a := q.next()
	b := q.next()
	q.putBack(a, b)
	for i, want := range all {
		if got := q.next(); got != want {
			t.Fatalf("decision %d came out of order", i)
		}
	}
}

func TestQueue_LeavesOutWhoLeft(t *testing.T) {
	d := newTestDoor(t)
	d.queue.open()
	ctx, leave := context.WithCancel(within(t))
	answer := make(chan error, 1)
	go func() {
		_, err := d.execute(ctx, note("left"))
		answer <- err
	}()
	eventually(t,
		"a waiting decision",
		func() bool { d.queue.mu.Lock(); defer d.queue.mu.Unlock(); return len(d.queue.items) == 1 })
	leave()
	err := <-answer
	wantKind(t, err, errs.Unavailable)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("%v does not say that it was cancelled", err)
	}
	if b := d.gather(1); len(b.decided) != 0 {
		t.Errorf("%d decisions ran; the only one had been given up", len(b.decided))
	}
}
