package agent

import (
	"context"
	"sync"
	"time"

	"github.com/headrace/headrace/agent/runtime"
)

// defaultLease holds until a leader has said how long its leases are.
const defaultLease = 10 * time.Second

// lease is how long this node's workers may go on. It is counted from the moment at which a renewal was sent, on a clock that
// counts through suspension; the shims hold the same deadline and enforce it without the agent.
type lease struct {
	move func(runtime.Instant) error // tells the shims

	mu       sync.Mutex
	length   time.Duration // the usual one
	deadline runtime.Instant
	over     bool          // workers were told to stop at this deadline
	changed  chan struct{} // has a value when the deadline moved
}

func newLease(length time.Duration, deadline runtime.Instant, move func(runtime.Instant) error) *lease {
	over := deadline <= runtime.Boottime() // the shims have enforced it already
	return &lease{move: move, length: length, deadline: deadline, over: over, changed: make(chan struct{}, 1)}
}

// usual returns how long a lease usually is.
func (l *lease) usual() time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.length
}

// setUsual sets how long a lease usually is.
func (l *lease) setUsual(length time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.length = length
}

// granted moves the deadline to what a leader granted to a request sent then, which may be earlier than before: the leader
// counts by its newest word.
func (l *lease) granted(sent runtime.Instant, length time.Duration) error {
	return l.set(sent.Add(length))
}

// proven moves the deadline forward by proof that nobody leads.
func (l *lease) proven(deadline runtime.Instant) error {
	l.mu.Lock()
	later := deadline > l.deadline
	l.mu.Unlock()
	if !later {
		return nil
	}
	return l.set(deadline)
}

func (l *lease) set(deadline runtime.Instant) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.move(deadline); err != nil {
		return err
	}
	l.deadline, l.over = deadline, false
	select {
	case l.changed <- struct{}{}:
	default:
	}
	return nil
}

// margin is how long before the deadline workers are asked to stop, so that they have time to.
func (l *lease) margin() time.Duration { return l.length / 5 }

// stands says whether workers may be started.
func (l *lease) stands() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.deadline.Sub(runtime.Boottime()) > l.margin()
}

// watch calls end, with the time that is left, whenever the lease is nearly over; once for each deadline. No lease is granted
// meanwhile, so end meets no worker that a newer lease covers; it must not call the lease.
func (l *lease) watch(ctx context.Context, end func(grace time.Duration)) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-l.changed:
		case <-timer.C:
		}
		timer.Reset(l.check(end))
	}
}

// check calls end when it is time, and returns when to look again.
func (l *lease) check(end func(grace time.Duration)) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	left := l.deadline.Sub(runtime.Boottime())
	if wait := left - l.margin(); wait > 0 {
		return wait
	}
	if !l.over {
		l.over = true
		end(max(left, 0))
	}
	return time.Hour
}
