package lease

import (
	"context"
	"sync"
	"time"

	"github.com/headrace/headrace/agent/runtime"
)

const (
	// usualLength holds until a leader has said how long its leases are.
	usualLength = 10 * time.Second
	// maxLength bounds what a server may say: they grant no more than five minutes beside their own lease, of ten at
	// most.
	maxLength = time.Hour
	// longAfter is when Watch looks again at a lease that is over, unless it is moved.
	longAfter = time.Hour
)

// Of returns a lease of so many milliseconds, as servers say them; an hour at most, and a millisecond at least.
func Of(milliseconds int64) time.Duration {
	return time.Duration(min(max(milliseconds, 1), maxLength.Milliseconds())) * time.Millisecond
}

// Runtime has the clock of the lease, and holds workers to it.
type Runtime interface {
	// Now returns this instant.
	Now() runtime.Instant
	// LeaseDeadline returns the deadline that was set last, also in an earlier life of the agent.
	LeaseDeadline() runtime.Instant
	// MoveLease sets the deadline at which workers end.
	MoveLease(deadline runtime.Instant) error
}

// Lease is how long this node's workers may go on. Its methods may be called by many goroutines.
type Lease struct {
	runtime Runtime

	mu       sync.Mutex
	usual    time.Duration
	deadline runtime.Instant
	over     bool          // workers were told to stop at this deadline
	changed  chan struct{} // has a value when the deadline moved
}

// New returns the lease that the runtime has. usual is how long leases are; 0: ten seconds, until a leader says how
// long.
func New(usual time.Duration, held Runtime) *Lease {
	if usual == 0 {
		usual = usualLength
	}
	deadline := held.LeaseDeadline()
	return &Lease{
		runtime:  held,
		usual:    usual,
		deadline: deadline,
		over:     deadline <= held.Now(), // it has been enforced already
		changed:  make(chan struct{}, 1),
	}
}

// Now returns this instant, on the clock of the lease.
func (l *Lease) Now() runtime.Instant { return l.runtime.Now() }

// Usual returns how long a lease usually is.
func (l *Lease) Usual() time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.usual
}

// SetUsual sets how long a lease usually is.
func (l *Lease) SetUsual(length time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.usual = length
}

// Grant moves the deadline to what a leader granted, counted from when the request was sent. That may be earlier than
// before: the leader counts by its newest answer.
func (l *Lease) Grant(sent runtime.Instant, length time.Duration) error {
	return l.set(sent.Add(length))
}

// Prove moves the deadline forward by proof that nobody leads.
func (l *Lease) Prove(deadline runtime.Instant) error {
	l.mu.Lock()
	later := deadline > l.deadline
	l.mu.Unlock()
	if !later {
		return nil
	}
	return l.set(deadline)
}

func (l *Lease) set(deadline runtime.Instant) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.runtime.MoveLease(deadline); err != nil {
		return err
	}
	l.deadline = deadline
	l.over = false
	select {
	case l.changed <- struct{}{}:
	default:
	}
	return nil
}

// margin is how long before the deadline workers are asked to stop, so that they have time to.
func (l *Lease) margin() time.Duration { return l.usual / 5 }

// Stands says whether workers may be started.
func (l *Lease) Stands() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.deadline.Sub(l.runtime.Now()) > l.margin()
}

// Watch calls end, with the time that is left, whenever the lease is nearly over; once for each deadline. It returns
// when the context ends. No lease is granted meanwhile, so end meets no worker that a newer lease covers; it must not
// call the lease.
func (l *Lease) Watch(ctx context.Context, end func(left time.Duration)) {
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
func (l *Lease) check(end func(left time.Duration)) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	left := l.deadline.Sub(l.runtime.Now())
	if wait := left - l.margin(); wait > 0 {
		return wait
	}
	if !l.over {
		l.over = true
		end(max(left, 0))
	}
	return longAfter
}
