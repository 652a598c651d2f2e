package copies

import (
	"context"
	"errors"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/grpcerr"
)

// Voters are the servers that vote.
type Voters struct {
	Others   []grpc.ClientConnInterface // those that can be reached, without this server
	Self     bool                       // this server is one
	Majority int                        // how many are a majority; 0: this server does not know who votes
}

// SelfCounted is 1 if this server is one of those that vote.
func (v Voters) SelfCounted() int {
	if v.Self {
		return 1
	}
	return 0
}

// Spread returns once so many servers that vote keep what is here already. It has each of the others keep it, and waits
// for them at most for a time.
func (v Voters) Spread(
	ctx context.Context, what string, wanted int, within time.Duration,
	keep func(ctx context.Context, peer grpc.ClientConnInterface) error,
) error {
	if v.Majority == 0 {
		return errs.New(errs.Unavailable,
			"cannot keep %s safely: this server does not know the others yet; try again", what)
	}
	if reached := v.SelfCounted() + len(v.Others); reached < wanted {
		return errs.New(errs.Unavailable,
			"cannot keep %s safely: this server knows of %d servers that vote, and %d are needed; try again",
			what, reached, wanted)
	}
	kept, failures := v.ask(ctx, wanted, within, keep)
	if kept < wanted {
		return errs.New(errs.Unavailable,
			"cannot keep %s safely: %d servers that vote have it, and %d are needed; try again: %w",
			what, kept, wanted, failures)
	}
	return nil
}

// ask has the others keep it, and returns how many servers do, and why others do not.
func (v Voters) ask(
	ctx context.Context, wanted int, within time.Duration,
	keep func(ctx context.Context, peer grpc.ClientConnInterface) error,
) (kept int, failures error) {
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	answers := make(chan error, len(v.Others))
	for _, peer := range v.Others {
		go func() { answers <- keep(ctx, peer) }()
	}
	kept = v.SelfCounted()
	for range v.Others { // each of them answers, or its time is over
		err := <-answers
		if err == nil {
			kept++
		}
		if kept >= wanted {
			cancel() // who is slow is not waited for
		}
		failures = errors.Join(failures, err)
	}
	return kept, failures
}

// NoCopy is the error of a server that sent nothing. One of an older version keeps no such files.
func NoCopy(err error, files string) error {
	if status.Code(err) == codes.Unimplemented {
		return errs.New(errs.NotFound, "a server of an older version keeps no %s", files)
	}
	return grpcerr.FromStatus(err)
}
