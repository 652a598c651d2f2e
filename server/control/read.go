package control

import (
	"context"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/grpcerr"
	peerv1 "github.com/headrace/headrace/proto/headrace/peer/v1"
)

// read returns a view that holds everything that was acknowledged before the call: the leader proves that it leads, a follower
// asks it for its record and waits until it has that itself. A stale read takes what there is.
func (c *Control) read(ctx context.Context, stale bool) (*state.View, error) {
	if stale {
		return c.cfg.Door.View(), nil
	}
	_, err := c.retry(ctx, func(ctx context.Context) (any, error) { return nil, c.catchUp(ctx) })
	return c.cfg.Door.View(), err
}

func (c *Control) catchUp(ctx context.Context) error {
	record, err := c.cfg.Door.ReadIndex(ctx)
	if errs.Is(err, errs.NotLeader) {
		record, err = c.leaderIndex(ctx)
	}
	if err != nil {
		return err
	}
	return c.cfg.Door.WaitApplied(ctx, record)
}

func (c *Control) leaderIndex(ctx context.Context) (uint64, error) {
	leader, err := c.cfg.Members.Leader()
	if err != nil {
		return 0, err
	}
	answer, err := peerv1.NewPeerServiceClient(leader).GetReadIndex(ctx, &peerv1.GetReadIndexRequest{})
	if status.Code(err) == codes.DeadlineExceeded {
		return 0, errs.New(errs.Unavailable, "cannot read: the leader did not answer in time; try again, or read what may be stale")
	}
	return answer.GetRecord(), grpcerr.FromStatus(err)
}
