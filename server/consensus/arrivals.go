package consensus

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/hashicorp/raft"

	"github.com/headrace/headrace/internal/every"
	"github.com/headrace/headrace/internal/seldom"
)

// The bounds of how long a server waits for a leader before it asks for votes.
const (
	gapsToWait = 3                      // so many of the longest usual gaps between two heartbeats
	usualGap   = 250 * time.Millisecond // gaps up to that are nothing: heartbeats come every 50 to 100 ms
	maxWait    = 3 * time.Second
	gapFades   = 200                    // a gap is forgotten by that part with each heartbeat
	waitStep   = 250 * time.Millisecond // by which the wait changes
	waitLooks  = 500 * time.Millisecond // how often it is looked at
)

// arrivals knows how regularly the leader's heartbeats come.
type arrivals struct {
	mu     sync.Mutex
	term   uint64
	newest time.Time
	gap    time.Duration // the longest one, less what has faded of it
}

// note takes in a heartbeat. What lies between two leaders is no gap.
func (a *arrivals) note(term uint64, now time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if term == a.term {
		a.gap = max(a.gap-a.gap/gapFades, now.Sub(a.newest))
	}
	a.term = term
	a.newest = now
}

// wait returns how long to wait for a heartbeat, if that is usually so long.
func (a *arrivals) wait(usual time.Duration) time.Duration {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.gap <= usualGap {
		return usual
	}
	return max(usual, min((gapsToWait*a.gap).Round(waitStep), maxWait))
}

// keepPace adapts how long this server waits for a leader, and for votes, until ctx is over.
func (c *Consensus) keepPace(ctx context.Context) {
	p, is := c.transport.(*paced)
	if !is {
		return
	}
	log := seldom.New(c.log)
	every.Interval(ctx, waitLooks, func(time.Time) {
		wait := p.arrivals.wait(c.config.HeartbeatTimeout)
		if err := c.waitForLeader(wait); err != nil {
			log.Of(slog.LevelError, "", "cannot change how long to wait for a leader", "wait", wait, "error", err)
		}
		if others, err := c.otherVoters(); err == nil {
			p.forget(others)
		}
	})
}

// waitForLeader sets the timeouts of followers and candidates.
func (c *Consensus) waitForLeader(wait time.Duration) error {
	set := c.raft.ReloadableConfig()
	if set.HeartbeatTimeout == wait {
		return nil
	}
	set.HeartbeatTimeout = wait
	set.ElectionTimeout = max(wait, c.config.ElectionTimeout)
	c.longer.Store(int64(set.ElectionTimeout))
	return c.raft.ReloadConfig(set)
}

// electionTimeout returns the one that holds now.
func (c *Consensus) electionTimeout() time.Duration {
	return max(c.config.ElectionTimeout, time.Duration(c.longer.Load()))
}

// confirmFollowers waits until a majority has consented to heartbeats of a term that were sent after a moment. Raft's
// proof of leadership takes an earlier answer for one, where the way is long.
func (c *Consensus) confirmFollowers(term uint64, after time.Time) error {
	p, is := c.transport.(*paced)
	if !is {
		return nil
	}
	others, err := c.otherVoters()
	if err != nil {
		return err
	}
	for c.leadsIn(term) {
		count, heard, strict := p.follows(others, term, after)
		if !strict || count >= (len(others)+1)/2 { // with this server: more than half of all
			return nil
		}
		select {
		case <-heard:
		case <-time.After(c.config.LeaseTimeout): // it may lead no more
		}
	}
	return errNotLeader()
}

// otherVoters returns the ids of all voters but this server.
func (c *Consensus) otherVoters() (ids []raft.ServerID, err error) {
	servers, err := c.Servers()
	for _, s := range servers {
		if s.ID != c.config.ServerID {
			ids = append(ids, raft.ServerID(s.ID))
		}
	}
	return ids, err
}
