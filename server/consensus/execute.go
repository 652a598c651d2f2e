package consensus

import (
	"context"
	"errors"
	"time"

	"github.com/hashicorp/raft"
	"google.golang.org/protobuf/proto"

	"github.com/headrace/headrace/internal/errs"
	eventv1 "github.com/headrace/headrace/proto/headrace/event/v1"
)

// proposeWait bounds how long a record waits for Raft to take it; not how long it takes to commit.
const proposeWait = 2 * time.Second

// Execute runs a decision on the newest state and commits its events; when it returns, they are applied on this server.
// Errors of the decision come back as they are; a refusal harms no other decision. Besides:
//
//	errs.NotLeader    nothing was changed; ask the leader
//	errs.Overloaded   4,096 decisions wait already
//	errs.Unavailable  nothing was changed: ctx was over before its turn, or leadership is being handed over
//	errs.Unknown      it may have been committed or not: repeat it with the same request id
func (c *Consensus) Execute(ctx context.Context, decide Decision) (Applied, error) {
	return c.door.execute(ctx, decide)
}

// propose commits a record and waits until it is applied here. It is called by the decider only, so one record is in
// flight.
func (c *Consensus) propose(record *eventv1.Record) (bool, error) {
	data, err := proto.MarshalOptions{Deterministic: true}.Marshal(record)
	if err != nil {
		return false, errs.New(errs.Internal, "cannot encode record %d: %w", record.GetSequence(), err)
	}
	var applied bool
	err = c.unlessSilent(func() error {
		future := c.raft.Apply(data, proposeWait)
		if err := future.Error(); err != nil {
			return err
		}
		applied, _ = future.Response().(bool)
		return nil
	})
	c.watchTransfer(errors.Is(err, raft.ErrLeadershipTransferInProgress))
	if err != nil {
		return false, refusal(err)
	}
	return applied, nil
}

// refusal says what a caller may conclude from Raft's error. The first three come before the entry is in any log.
func refusal(err error) error {
	switch {
	case errors.Is(err, raft.ErrNotLeader):
		return errNotLeader()
	case errors.Is(err, raft.ErrLeadershipTransferInProgress):
		return errs.New(errs.Unavailable, "cannot decide: leadership is being handed over; try again")
	case errors.Is(err, raft.ErrEnqueueTimeout):
		return errs.New(errs.Unavailable, "cannot decide: the log took nothing for %s; try again", proposeWait)
	default:
		return errs.New(errs.Unknown,
			"cannot say whether it was committed: %w; repeat it with the same request id", err)
	}
}

// watchTransfer stops a server that never ends handing over (raft#696): it would lead, and refuse everything, until
// restarted.
func (c *Consensus) watchTransfer(inProgress bool) {
	now := c.config.Clock()
	switch {
	case !inProgress:
		c.handingOver = time.Time{}
	case c.handingOver.IsZero():
		c.handingOver = now
	case now.Sub(c.handingOver) > handOverTimeouts*c.electionTimeout():
		c.fail(errs.New(errs.Internal,
			"cannot finish handing over leadership for %s; this server stops, a restart cures it",
			now.Sub(c.handingOver)))
	}
}
