package consensus

import (
	"context"
	"sync"
	"time"
)

// contactEvery is how often a leader makes sure that it still leads, for the leases of all nodes together.
const contactEvery = time.Second

// contact confirms leadership with a quorum. Callers share checks. All that come while one is under way wait for the
// next, since a check proves something only about the time after it began.
type contact struct {
	check func() error // asks a quorum; returns an error when this server no longer leads
	clock func() time.Time
	wake  chan struct{} // holds one token when somebody waits

	mu     sync.Mutex
	next   *round // the check that has not begun; nil: nobody waits
	closed bool   // run is over, or has not begun
	last   time.Time
}

// round is one check with all callers that wait for it.
type round struct {
	done chan struct{}
	err  error // valid when done is closed
}

func newContact(check func() error, clock func() time.Time) *contact {
	return &contact{
		check:  check,
		clock:  clock,
		wake:   make(chan struct{}, 1),
		closed: true,
	}
}

// run checks every second and whenever somebody waits, until ctx is over.
func (c *contact) run(ctx context.Context) {
	c.setClosed(false)
	defer c.setClosed(true)
	ticker := time.NewTicker(contactEvery)
	defer ticker.Stop()
	for {
		c.once()
		select {
		case <-c.wake:
		case <-ticker.C:
		case <-ctx.Done():
			return
		}
	}
}

// once makes one check for all who wait.
func (c *contact) once() {
	c.mu.Lock()
	r := c.next
	c.next = nil
	c.mu.Unlock()

	began := c.clock() // contact is confirmed for this moment, not for when the answers came
	err := c.check()

	c.mu.Lock()
	if err == nil {
		c.last = began
	}
	c.mu.Unlock()
	r.finish(err)
}

func (r *round) finish(err error) {
	if r != nil {
		r.err = err
		close(r.done)
	}
}

// setClosed opens or closes for callers. Those that still wait are told that this server does not lead.
func (c *contact) setClosed(closed bool) {
	c.mu.Lock()
	r := c.next
	c.closed = closed
	c.next = nil
	c.mu.Unlock()
	r.finish(errNotLeader())
}

// confirm returns nil when this server led at some time after the call began.
func (c *contact) confirm(ctx context.Context) error {
	r := c.join()
	if r == nil {
		return errNotLeader()
	}
	select {
	case <-r.done:
		return r.err
	case <-ctx.Done():
		return notConfirmed(ctx.Err())
	}
}

func (c *contact) join() *round {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return nil
	}
	if c.next == nil {
		c.next = &round{done: make(chan struct{})}
	}
	select {
	case c.wake <- struct{}{}:
	default:
	}
	return c.next
}

// lastContact returns when a quorum last confirmed that this server leads; the zero time if never.
func (c *contact) lastContact() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.last
}
