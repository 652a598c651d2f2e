package routing

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/headrace/headrace/internal/backoff"
	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/every"
	"github.com/headrace/headrace/internal/grpcerr"
)

// Bounds of the retries of a forwarded call, while the cluster has no leader or its outcome is unknown. All calls that
// are under way when a leader dies fail at one moment, so the pauses have jitter.
const (
	firstPause = 50 * time.Millisecond
	maxPause   = 500 * time.Millisecond
	retryFor   = 15 * time.Second
)

// AtLeader calls here if this server leads. If not, it calls there with a connection to the leader, and gives that up
// when the leader changes: one that hangs would hold the call, though another leads.
func (r *Router) AtLeader(
	ctx context.Context,
	here func(context.Context) error,
	there func(context.Context, grpc.ClientConnInterface) error,
) error {
	if r.cfg.Door.IsLeader() {
		return here(ctx)
	}
	changed := r.cfg.Door.LeaderChanged()
	leader, err := r.cfg.Members.Leader()
	if err != nil {
		return err
	}
	return whileSame(ctx, changed, func(ctx context.Context) error { return there(ctx, leader) })
}

// errSucceeded ends what was asked of a leader that may lead no more.
var errSucceeded = errs.New(
	errs.Unknown,
	"cannot say what came of it: the leader changed before it answered; repeat it with the same request id",
)

// whileSame calls ask with a context that ends when changed is closed.
func whileSame(ctx context.Context, changed <-chan struct{}, ask func(context.Context) error) error {
	inner, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	go func() {
		select {
		case <-changed:
			cancel(errSucceeded)
		case <-inner.Done():
		}
	}()
	err := ask(inner)
	if err != nil && ctx.Err() == nil && errors.Is(context.Cause(inner), errSucceeded) {
		return errSucceeded
	}
	return err
}

// Answered gives the error of a leader's answer its kind. If a leader did not answer in time, it may have decided.
func Answered(err error) error {
	if status.Code(err) == codes.DeadlineExceeded {
		return errs.New(
			errs.Unknown,
			"cannot say what came of it: the leader did not answer in time; repeat it with the same request id",
		)
	}
	return grpcerr.FromStatus(err)
}

// ErrOutside is the error of a server that takes no part in the cluster, and so knows no leader. It is told at once:
// another server may answer meanwhile, and here only an operator can do something about it.
var ErrOutside = errs.New(errs.Unavailable, "this server takes no part in the cluster")

// Retry repeats a call while there is no leader, or while nobody knows its outcome, until ctx ends or retryFor is over.
// A single try may last as long as all of them.
func (r *Router) Retry(ctx context.Context, call func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, retryFor)
	defer cancel()
	pauses := backoff.Doubling{First: firstPause, Max: maxPause}
	for {
		changed := r.cfg.Door.LeaderChanged()
		err := call(ctx)
		if !mayPass(err) || !rest(ctx, &pauses, changed) {
			return err
		}
	}
}

// mayPass says whether an error is one of a moment.
func mayPass(err error) bool {
	switch errs.KindOf(err) {
	case errs.NotLeader, errs.Unknown, errs.Unavailable:
		return err != nil && !errors.Is(err, ErrOutside)
	}
	return false
}

// rest pauses before a call is repeated, and says whether it is to be. When the leader changes, only the first pause is
// left: there may be somebody now who answers.
func rest(ctx context.Context, pauses *backoff.Doubling, changed <-chan struct{}) bool {
	timer := time.NewTimer(backoff.Jitter(pauses.Next(), rand.N[time.Duration]))
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-changed:
		pauses.Reset()
		return every.Pause(ctx, backoff.Jitter(pauses.Next(), rand.N[time.Duration]))
	case <-ctx.Done():
		return false
	}
}
