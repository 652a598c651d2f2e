package consensus

import (
	"context"
	"sync"

	"github.com/headrace/headrace/internal/errs"
)

// maxQueue bounds the decisions that wait before the door.
const maxQueue = 4_096

// queue holds the decisions that wait. It is open while this server leads.
type queue struct {
	wake chan struct{} // holds one token when there may be something to take

	mu     sync.Mutex
	closed error // why it is closed; nil: open
	items  []*pending
}

func newQueue() *queue {
	return &queue{wake: make(chan struct{}, 1), closed: errNotLeader()}
}

func errNotLeader() error {
	return errs.New(errs.NotLeader, "cannot decide here: this server does not lead; ask the leader")
}

// open lets decisions in.
func (q *queue) open() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = nil
}

// close answers all that wait with err, and whatever comes later.
func (q *queue) close(err error) {
	q.mu.Lock()
	items := q.items
	q.items = nil
	q.closed = err
	q.mu.Unlock()
	for _, p := range items {
		if p.take() {
			p.answer(Applied{}, err)
		}
	}
}

// put adds a decision at the end.
func (q *queue) put(p *pending) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed != nil {
		return q.closed
	}
	if len(q.items) >= maxQueue {
		return errs.New(errs.Overloaded,
			"cannot take another decision: %d are waiting; try again in a moment", len(q.items))
	}
	q.items = append(q.items, p)
	q.signal()
	return nil
}

// putBack puts taken decisions before all others. They may exceed the bound by one batch.
func (q *queue) putBack(back ...*pending) {
	for _, p := range back {
		p.release()
	}
	q.mu.Lock()
	closed := q.closed
	if closed == nil {
		q.items = append(append(make([]*pending, 0, len(back)+len(q.items)), back...), q.items...)
		q.signal()
	}
	q.mu.Unlock()
	if closed == nil {
		return
	}
	for _, p := range back {
		if p.take() {
			p.answer(Applied{}, closed)
		}
	}
}

// next takes the first decision that is still wanted; nil when there is none.
func (q *queue) next() *pending {
	q.mu.Lock()
	defer q.mu.Unlock()
	for len(q.items) > 0 {
		p := q.items[0]
		q.items[0] = nil // the array lives on
		q.items = q.items[1:]
		if p.take() {
			return p
		}
	}
	return nil
}

// wait returns true when there may be something to take, false when ctx is over.
func (q *queue) wait(ctx context.Context) bool {
	q.mu.Lock()
	waits := len(q.items) > 0
	q.mu.Unlock()
	if waits {
		return ctx.Err() == nil
	}
	select {
	case <-q.wake:
		return ctx.Err() == nil
	case <-ctx.Done():
		return false
	}
}

func (q *queue) signal() {
	select {
	case q.wake <- struct{}{}:
	default:
	}
}
