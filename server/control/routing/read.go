package routing

import (
	"context"
	"errors"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/grpcerr"
	peerv1 "github.com/headrace/headrace/proto/headrace/peer/v1"
)

// Read returns a view that holds everything that was acknowledged before the call. The leader proves that it leads. A
// follower asks the leader for its record, and waits until it has applied that itself. A stale read takes what there
// is.
func (r *Router) Read(ctx context.Context, stale bool) (*state.View, error) {
	if stale {
		return r.cfg.Door.View(), nil
	}
	err := r.Retry(ctx, r.catchUp)
	return r.cfg.Door.View(), err
}

func (r *Router) catchUp(ctx context.Context) error {
	record, err := r.cfg.Door.ReadIndex(ctx)
	if errs.Is(err, errs.NotLeader) {
		record, err = r.leaderIndex(ctx)
	}
	if err != nil {
		return err
	}
	return r.cfg.Door.WaitApplied(ctx, record)
}

func (r *Router) leaderIndex(ctx context.Context) (record uint64, err error) {
	changed := r.cfg.Door.LeaderChanged()
	leader, err := r.cfg.Members.Leader()
	if err != nil {
		return 0, err
	}
	err = whileSame(ctx, changed, func(ctx context.Context) error {
		answer, err := peerv1.NewPeerServiceClient(leader).GetReadIndex(ctx, &peerv1.GetReadIndexRequest{})
		record = answer.GetRecord()
		return err
	})
	switch {
	case errors.Is(err, errSucceeded):
		return 0, notRead("the leader changed before it answered")
	case status.Code(err) == codes.DeadlineExceeded:
		return 0, notRead("the leader did not answer in time")
	}
	return record, grpcerr.FromStatus(err)
}

// notRead is the error of a read that nobody answered. Nothing came of it, unlike of a write.
func notRead(why string) error {
	return errs.New(errs.Unavailable, "cannot read: %s; try again, or read what may be stale", why)
}
