package history

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"time"

	"google.golang.org/grpc"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/chunk"
	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/grpcerr"
	peerv1 "github.com/headrace/headrace/proto/headrace/peer/v1"
	"github.com/headrace/headrace/server/copies"
)

const (
	// spreadTime is how long the others have to bring a segment from here.
	spreadTime = 30 * time.Second
	// bringTime is how long it may take to bring one from another server.
	bringTime = 25 * time.Second
	// wantedCopies is how many servers have a segment before the log names it.
	wantedCopies = 2
	// longestRest is how long a segment is left alone at most that could not be brought: whoever asks for it meanwhile
	// is told why.
	longestRest = 15 * time.Second
)

// Replicas are the segments of all servers. Its methods may be called by many goroutines.
type Replicas struct {
	// Local is what this server keeps.
	Local *Store
	// Peers returns the servers that vote.
	Peers func() copies.Voters
	// Log is told of copies that are damaged; nil: nobody is.
	Log *slog.Logger

	once  copies.Once
	rests copies.Rests[string]
}

// Spread returns once another server has a segment that is here, if there is another one. The rest brings it when the
// log names it.
func (r *Replicas) Spread(ctx context.Context, s *state.Segment) error {
	voters := r.Peers()
	return voters.Spread(ctx, titleOf(s), min(wantedCopies, voters.Majority), spreadTime,
		func(ctx context.Context, peer grpc.ClientConnInterface) error { return keepAt(ctx, peer, s) })
}

// keepAt has another server keep a segment.
func keepAt(ctx context.Context, peer grpc.ClientConnInterface, s *state.Segment) error {
	wanted := &peerv1.KeepHistoryRequest{Digest: s.Digest, SizeBytes: s.Bytes}
	_, err := peerv1.NewPeerServiceClient(peer).KeepHistory(ctx, wanted)
	return grpcerr.FromStatus(err)
}

// titleOf names a segment for people.
func titleOf(s *state.Segment) string { return "segment " + s.Name() + " of the history" }

// Keep has a segment here that the log may soon name: it is swept no earlier than if it had come just now.
func (r *Replicas) Keep(ctx context.Context, s *state.Segment) error {
	if r.Local.touch(s) {
		return nil
	}
	return r.Ensure(ctx, s)
}

// Ensure has a segment here, from another server if need be. The error is Unavailable if no server that answers has it.
// Who asks for a segment that is being brought waits for it, at most bringTime.
func (r *Replicas) Ensure(ctx context.Context, s *state.Segment) error {
	file := copies.File{Name: s.Name(), What: titleOf(s), Here: func() bool { return r.Local.Has(s) }}
	return r.once.Do(ctx, file, bringTime, func(ctx context.Context) error {
		if err := r.rests.Cause(s.Name()); err != nil {
			return err
		}
		if r.Local.trustsAgain(s) {
			return nil
		}
		err := r.bring(ctx, s)
		r.rests.Note(s.Name(), err, longestRest)
		return err
	})
}

// Prepare has a segment and its index here.
func (r *Replicas) Prepare(ctx context.Context, s *state.Segment) error {
	if err := r.Ensure(ctx, s); err != nil || r.Local.hasIndex(s.Name()) {
		return err
	}
	if err := r.Local.MakeIndex(s.Name()); err != nil {
		return r.mend(ctx, s, err)
	}
	return nil
}

// mend has a whole copy of a segment here, and a new index, after something of it could not be read. A copy that is
// damaged stays until another one has come in its place; one of which nobody can say it stays.
func (r *Replicas) mend(ctx context.Context, s *state.Segment, cause error) error {
	whole, err := r.Local.whole(s.Name())
	if err != nil {
		return unreadable(s, err)
	}
	if !whole {
		if r.Log != nil {
			r.Log.ErrorContext(ctx, "this server's copy of a segment of the history is damaged, and is brought anew",
				"segment", s.Name(), "error", cause)
		}
		r.Local.distrust(s.Name())
		if err := r.Ensure(ctx, s); err != nil {
			return err
		}
	}
	if err := r.Local.MakeIndex(s.Name()); err != nil {
		return unreadable(s, err)
	}
	return nil
}

// unreadable is the error of a segment that is here and cannot be read now.
func unreadable(s *state.Segment, cause error) error {
	return errs.New(errs.Unavailable, "cannot read %s now; try again: %w", titleOf(s), pathless(cause))
}

// pathless is an error of this server's files without their paths, which are nobody's business.
func pathless(err error) error {
	var path *fs.PathError
	var link *os.LinkError
	switch {
	case errors.As(err, &path):
		return fmt.Errorf("%s: %w", path.Op, path.Err)
	case errors.As(err, &link):
		return fmt.Errorf("%s: %w", link.Op, link.Err)
	}
	return err
}

// bring fetches a segment from one server after another, until one has it.
func (r *Replicas) bring(ctx context.Context, s *state.Segment) error {
	others := r.Peers().Others
	if len(others) == 0 {
		return errs.New(errs.Unavailable,
			"cannot bring %s: this server reaches no other one; try again", describe(s))
	}
	var failures error
	for _, peer := range others {
		share, cancel := context.WithTimeout(ctx, bringTime/time.Duration(len(others))) // one that hangs does not take all
		err := r.fetch(share, peer, s)
		cancel()
		if err == nil {
			return nil
		}
		failures = errors.Join(failures, err)
	}
	return errs.New(errs.Unavailable, "cannot bring %s from any of %d other servers; try again: %w",
		describe(s), len(others), failures)
}

// describe says of a segment which runs are in it, so that a list can do without them.
func describe(s *state.Segment) string {
	if s.Runs == 0 {
		return titleOf(s) // the log does not name it yet
	}
	return fmt.Sprintf("%s, which has %d job runs that were submitted from %s to %s", titleOf(s), s.Runs,
		s.FirstCreated.UTC().Format(time.RFC3339), s.LastCreated.UTC().Format(time.RFC3339))
}

// fetch fetches a segment from one server. A copy that is damaged is none.
func (r *Replicas) fetch(ctx context.Context, peer grpc.ClientConnInterface, s *state.Segment) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel() // the stream ends with it
	stream, err := peerv1.NewPeerServiceClient(peer).FetchHistory(ctx, &peerv1.FetchHistoryRequest{Digest: s.Digest})
	if err != nil {
		return copies.NoCopy(err, "history")
	}
	file := &chunk.Reader{Next: chunk.Of(stream.Recv, (*peerv1.FetchHistoryResponse).GetChunk)}
	return pathless(copies.NoCopy(r.Local.Keep(s.Name(), s.Bytes, file), "history"))
}
