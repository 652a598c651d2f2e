package consensus

import (
	"context"
	"sync"
	"time"

	"github.com/hashicorp/raft"
)

// successionEvery is how often Raft is asked all the same: it tells of a new leader, not of a new term of the same one,
// and not of the end of its own leadership.
const successionEvery = 50 * time.Millisecond

// reign is who leads, as far as this server knows, and the newest term.
type reign struct {
	id, address string
	term        uint64
}

// succession tells of every change of leader or term.
type succession struct {
	mu      sync.Mutex
	current reign
	changed chan struct{} // closed with the next change; nil: nobody asked yet
}

// next returns a channel that is closed with the next change.
func (s *succession) next() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.changed == nil {
		s.changed = make(chan struct{})
	}
	return s.changed
}

// note takes in who leads now.
func (s *succession) note(now reign) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if now == s.current {
		return
	}
	s.current = now
	if s.changed != nil {
		close(s.changed)
		s.changed = nil
	}
}

// LeaderChanged returns a channel that is closed when the leader changes that this server knows, or the term: what was
// asked of the leader before may never be answered.
func (c *Consensus) LeaderChanged() <-chan struct{} { return c.succession.next() }

// followSuccession notes who leads until ctx is over.
func (c *Consensus) followSuccession(ctx context.Context) {
	told := make(chan raft.Observation, 1)
	observer := raft.NewObserver(told, false, func(o *raft.Observation) bool {
		_, is := o.Data.(raft.LeaderObservation)
		return is
	})
	c.raft.RegisterObserver(observer)
	defer c.raft.DeregisterObserver(observer)
	ticker := time.NewTicker(successionEvery)
	defer ticker.Stop()
	for {
		id, address := c.Leader()
		c.succession.note(reign{id: id, address: address, term: c.Term()})
		select {
		case <-told:
		case <-ticker.C:
		case <-c.silence.began:
			c.succession.note(reign{})
			return
		case <-ctx.Done():
			return
		}
	}
}
