package consensus

import (
	"context"
	"time"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/errs"
)

// ReadIndex returns the record that a linearizable read must have applied: everything that was acknowledged before the
// call is in it. Only the leader knows; elsewhere the error is errs.NotLeader. Concurrent callers share the check of
// leadership.
func (c *Consensus) ReadIndex(ctx context.Context) (uint64, error) {
	if c.leadingTerm.Load() == 0 {
		if c.IsLeader() {
			return 0, errs.New(errs.Unavailable, "cannot read yet: the new leader is catching up; try again")
		}
		return 0, errNotLeader()
	}
	record := c.View().Sequence
	return record, c.contact.confirm(ctx)
}

// ChangesSince returns the newest state of this server, and what the records after one changed that lead to it, oldest
// first. It is false when the window does not keep all of these any more.
func (c *Consensus) ChangesSince(record uint64) (view *state.View, changes []*state.Changes, known bool) {
	return c.window.ChangesSince(record)
}

// WaitApplied waits until a record is in this server's state. With the leader's ReadIndex it makes View linearizable
// here.
func (c *Consensus) WaitApplied(ctx context.Context, record uint64) error {
	return c.window.waitApplied(ctx, record)
}

// verifyLeader asks a quorum whether this server still leads, in the term in which its works began. If it lost
// leadership and gained it again before they heard of that, others may have decided meanwhile.
func (c *Consensus) verifyLeader() error {
	term := c.leadingTerm.Load()
	began := time.Now()
	if err := c.unlessSilent(func() error { return c.raft.VerifyLeader().Error() }); err != nil || !c.leadsIn(term) {
		return errNotLeader()
	}
	return c.confirmFollowers(term, began)
}

func notConfirmed(err error) error {
	return errs.New(errs.Unavailable, "cannot confirm leadership in time: %w; try again", err)
}
