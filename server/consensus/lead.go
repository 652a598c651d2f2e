package consensus

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hashicorp/raft"
	"golang.org/x/sync/errgroup"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/errs"
	eventv1 "github.com/headrace/headrace/proto/headrace/event/v1"
	"github.com/headrace/headrace/server/command"
)

const (
	barrierWait      = 10 * time.Second      // how long the barrier waits for Raft to take it
	handOverTimeouts = 3                     // election timeouts after which a hand-over has failed
	handOverPatience = 10 * time.Millisecond // between two looks at a hand-over
	handOverLimit    = 10 * time.Second      // of all tries together: a server ends in 30 s, with what it writes
)

// work is something that only the leader does.
type work struct {
	name string
	run  func(ctx context.Context, term uint64) error
}

// OnLeadership registers work that only the leader does. It is to be called before Run. The work is called in every
// term that this server leads, once the state contains all that was committed before. Its context ends with the
// leadership, and its end is waited for before the call of the next term. An error means that this server cannot lead:
// it steps down.
func (c *Consensus) OnLeadership(name string, run func(ctx context.Context, term uint64) error) {
	c.works = append(c.works, work{name, run})
}

// lead leads, from gaining leadership to losing it.
func (c *Consensus) lead(ctx context.Context) {
	c.door.queue.open() // what comes waits for the barrier
	defer c.door.queue.close(errNotLeader())
	err := c.govern(ctx)
	if ctx.Err() != nil {
		return // lost, or closing
	}
	c.log.ErrorContext(ctx, "cannot lead, stepping down", "error", err)
	if handed := c.handOver(); handed != nil {
		c.fail(fmt.Errorf("cannot lead: %w; and cannot step down: %w", err, handed))
	}
}

// govern does all that a leader does. It returns when the leadership is over or something of it failed.
func (c *Consensus) govern(ctx context.Context) error {
	if err := c.unlessSilent(func() error { return c.raft.Barrier(barrierWait).Error() }); err != nil {
		return fmt.Errorf("cannot catch up as the new leader: %w", err)
	}
	if err := c.wrongClock(c.time.wall()); err != nil {
		return err
	}
	term := c.raft.CurrentTerm()
	c.leadingTerm.Store(term)
	defer c.leadingTerm.Store(0)
	c.log.InfoContext(ctx, "leading", "term", term, "record", c.View().Sequence)
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error {
		c.contact.run(ctx)
		return nil
	})
	group.Go(func() error {
		c.door.run(ctx, term)
		return nil
	})
	group.Go(func() error { return c.leadByClock(ctx) })
	for _, w := range c.works {
		group.Go(func() error { return w.do(ctx, term) })
	}
	return group.Wait()
}

// do does the work in a term; its error names it, unless the leadership has ended.
func (w work) do(ctx context.Context, term uint64) error {
	if err := w.run(ctx, term); err != nil && ctx.Err() == nil {
		return fmt.Errorf("%s: %w", w.name, err)
	}
	return nil
}

// handOver ends this server's leadership in favour of another: first the server that Raft takes for the most caught-up,
// then each of the others, since that one may be down. Every try is bounded. A hand-over that hangs (raft#696) is an
// error, upon which the caller lets the process exit.
func (c *Consensus) handOver() error {
	servers, err := c.Servers()
	if err != nil {
		return err
	}
	failed := []error{c.tryHandOver(c.raft.LeadershipTransfer)}
	for _, s := range servers {
		if !c.IsLeader() {
			return nil
		}
		if s.ID != c.config.ServerID {
			failed = append(failed, c.tryHandOver(func() raft.Future {
				return c.raft.LeadershipTransferToServer(raft.ServerID(s.ID), raft.ServerAddress(s.Address))
			}))
		}
	}
	if !c.IsLeader() {
		return nil
	}
	return errors.Join(failed...)
}

// HandOver ends this server's leadership, if it leads, and returns once another server leads. If it finds no heir in
// time, the others elect one when this server is silent.
func (c *Consensus) HandOver() {
	if !c.IsLeader() {
		return
	}
	err := bounded(handOverLimit, "hand over leadership", c.handOver)
	c.noHeir.Store(err != nil)
	if err != nil {
		c.log.Info("cannot hand over leadership; the others will elect", "error", err)
		return
	}
	_ = bounded(handOverTimeouts*c.electionTimeout(), "see the next leader", c.awaitHeir)
}

// awaitHeir waits until another server leads, or this one again. It asks Raft itself: at the end of Run nobody follows
// the succession any more.
func (c *Consensus) awaitHeir() error {
	again := time.NewTicker(handOverPatience)
	defer again.Stop()
	for !c.silence.fell() {
		if id, _ := c.Leader(); id != "" {
			return nil
		}
		select {
		case <-again.C:
		case <-c.silence.began:
		}
	}
	return nil
}

// tryHandOver returns nil once this server no longer leads. Raft answers a failed try shortly before it allows the next
// one, so it is asked again for a while.
func (c *Consensus) tryHandOver(transfer func() raft.Future) error {
	limit := handOverTimeouts * c.electionTimeout()
	deadline := time.NewTimer(limit)
	defer deadline.Stop()
	again := time.NewTicker(handOverPatience)
	defer again.Stop()
	for {
		err := bounded(limit, "hand over leadership", func() error { return transfer().Error() })
		if !errors.Is(err, raft.ErrLeadershipTransferInProgress) {
			return err
		}
		select {
		case <-again.C:
		case <-deadline.C:
			return err
		}
	}
}

// reportDigest writes the leader's digest of a checkpoint into the log.
func (c *Consensus) reportDigest(ctx context.Context, sequence uint64, d digest) {
	if c.leadingTerm.Load() == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, barrierWait)
	defer cancel()
	_, err := c.Execute(ctx, func(*state.View, command.Meta) ([]*eventv1.Event, error) {
		fact := &eventv1.StateDigested{Sequence: sequence, Digest: d[:]}
		return []*eventv1.Event{{Fact: &eventv1.Event_StateDigested{StateDigested: fact}}}, nil
	})
	if err != nil && !errs.Is(err, errs.NotLeader) {
		c.log.WarnContext(ctx, "cannot write the digest of a checkpoint; the next one will do",
			"record", sequence, "error", err)
	}
}

// IsLeader says whether this server believes that it leads. Only ReadIndex proves it.
func (c *Consensus) IsLeader() bool { return c.raft.State() == raft.Leader && !c.silence.fell() }

// leadsIn says whether this server believes that it leads in a term.
func (c *Consensus) leadsIn(term uint64) bool { return c.IsLeader() && c.Term() == term }

// Term returns the newest Raft term that this server knows.
func (c *Consensus) Term() uint64 { return c.raft.CurrentTerm() }

// Leader returns the id and Raft address of the leader; empty while none is known. A server that has given up knows
// none: Raft may still call it the leader, which would keep agents from one that leads, and from proof that nobody
// does.
func (c *Consensus) Leader() (id, address string) {
	if c.silence.fell() {
		return "", ""
	}
	a, i := c.raft.LeaderWithID()
	return string(i), string(a)
}

// LastContact returns when a quorum last confirmed that this server leads; the zero time: it never led. While it leads,
// a check every second serves the leases of all nodes. A lease may count from here, never from when a request came in.
func (c *Consensus) LastContact() time.Time { return c.contact.lastContact() }
