package lease

import (
	"math"
	"slices"
	"testing"
	"time"

	"github.com/headrace/headrace/agent/runtime"
)

// noting is a runtime that notes where the lease is moved to.
type noting struct{ moved []runtime.Instant }

func (*noting) Now() runtime.Instant           { return runtime.Boottime() }
func (*noting) LeaseDeadline() runtime.Instant { return 0 }
func (n *noting) MoveLease(to runtime.Instant) error {
	n.moved = append(n.moved, to)
	return nil
}

// Times that are no times must not overflow into the past.
func TestOf_IsBounded(t *testing.T) {
	for milliseconds, want := range map[int64]time.Duration{
		-1: time.Millisecond, 0: time.Millisecond, 3000: 3 * time.Second,
		math.MaxInt64: maxLength, math.MinInt64: time.Millisecond,
	} {
		if got := Of(milliseconds); got != want {
			t.Errorf("a lease of %d ms is %s", milliseconds, got)
		}
	}
}

func TestLease_CountsFromWhenItWasAskedFor(t *testing.T) {
	held := &noting{}
	l := New(time.Second, held)
	if l.Stands() {
		t.Error("a lease that nobody granted stands")
	}
	sent := runtime.Boottime()
	// A leader's newest word counts, also when it is less.
	for _, length := range []time.Duration{time.Minute, 10 * time.Second} {
		if err := l.Grant(sent, length); err != nil {
			t.Fatal(err)
		}
	}
	for _, deadline := range []runtime.Instant{sent, sent.Add(time.Hour)} { // proof only moves it forward
		if err := l.Prove(deadline); err != nil {
			t.Fatal(err)
		}
	}
	want := []runtime.Instant{sent.Add(time.Minute), sent.Add(10 * time.Second), sent.Add(time.Hour)}
	if !slices.Equal(held.moved, want) {
		t.Errorf("the lease moved to %v, want %v", held.moved, want)
	}
	if !l.Stands() {
		t.Error("a lease of an hour does not stand")
	}
}

func TestLease_TellsItsEndOnceAndInTime(t *testing.T) {
	l := New(time.Second, &noting{})
	var told []time.Duration
	end := func(left time.Duration) { told = append(told, left) }
	l.check(end)
	if len(told) != 0 {
		t.Error("a lease that was over before the agent began was told")
	}
	if err := l.Grant(runtime.Boottime(), time.Hour); err != nil {
		t.Fatal(err)
	}
	if wait := l.check(end); len(told) != 0 || wait <= 59*time.Minute {
		t.Errorf("told %v, look again after %v", told, wait)
	}
	if err := l.Grant(runtime.Boottime(), 150*time.Millisecond); err != nil { // within the margin of a fifth of a second
		t.Fatal(err)
	}
	l.check(end)
	l.check(end)
	if len(told) != 1 || told[0] > 150*time.Millisecond {
		t.Errorf("told %v, want once, with what is left", told)
	}
}
