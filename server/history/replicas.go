package history

import (
	"context"
	"errors"
	"time"

	"golang.org/x/sync/singleflight"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/chunk"
	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/grpcerr"
	peerv1 "github.com/headrace/headrace/proto/headrace/peer/v1"
)

const (
	// spreadTime is how long the others have to bring a segment from here.
	spreadTime = 30 * time.Second
	// bringTime is how long it may take to bring one from another server.
	bringTime = 25 * time.Second
	// copies is how many servers have a segment before the log names it.
	copies = 2
)

// Replicas are the segments of all servers. Its methods may be called by many goroutines.
type Replicas struct {
	// Local is what this server keeps.
	Local *Store
	// Peers returns connections to the other servers that vote, as far as they can be reached, and how many of all
	// servers are a majority; 0: this server does not know who votes.
	Peers func() (others []grpc.ClientConnInterface, majority int)

	bringing singleflight.Group // by segment
}

// Spread returns once another server has a segment that is here, if there is another one. The rest brings it when the
// log names it.
func (r *Replicas) Spread(ctx context.Context, s *state.Segment) error {
	peers, majority := r.Peers()
	if majority == 0 {
		return errs.New(errs.Unavailable, "cannot keep a segment safely: this server does not know the others yet")
	}
	ctx, cancel := context.WithTimeout(ctx, spreadTime)
	defer cancel()
	answers := make(chan error, len(peers))
	for _, peer := range peers {
		go func() { answers <- keepAt(ctx, peer, s) }()
	}
	wanted := min(copies, majority) // of a single server it is one
	kept := 1
	var failures error
	for range peers { // each of them answers, or its time is over
		if kept >= wanted {
			break // who is slow is not waited for: its call ends with ctx
		}
		err := <-answers
		if err == nil {
			kept++
		}
		failures = errors.Join(failures, err)
	}
	if kept < wanted {
		return errs.New(errs.Unavailable,
			"cannot keep a segment safely: %d of %d servers have it, and %d are needed: %w",
			kept, len(peers)+1, wanted, failures)
	}
	return nil
}

// keepAt has another server keep a segment.
func keepAt(ctx context.Context, peer grpc.ClientConnInterface, s *state.Segment) error {
	wanted := &peerv1.KeepHistoryRequest{Digest: s.Digest, SizeBytes: s.Bytes}
	_, err := peerv1.NewPeerServiceClient(peer).KeepHistory(ctx, wanted)
	return grpcerr.FromStatus(err)
}

// Ensure has a segment here, from another server if need be. The error is Unavailable if no server that answers has it.
// Who asks for a segment that is being brought waits for it, at most bringTime.
func (r *Replicas) Ensure(ctx context.Context, s *state.Segment) error {
	name := s.Name()
	if r.Local.Has(name) {
		return nil
	}
	done := r.bringing.DoChan(name, func() (any, error) {
		if r.Local.Has(name) {
			return nil, nil
		}
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), bringTime) // others wait for it, too
		defer cancel()
		return nil, r.bring(ctx, s)
	})
	select {
	case answer := <-done:
		return answer.Err
	case <-ctx.Done():
		return errs.New(errs.Unavailable, "cannot wait for segment %s of the history: %w", name, ctx.Err())
	}
}

// Prepare has a segment and its index here.
func (r *Replicas) Prepare(ctx context.Context, s *state.Segment) error {
	if err := r.Ensure(ctx, s); err != nil || r.Local.hasIndex(s.Name()) {
		return err
	}
	return r.Local.MakeIndex(s.Name())
}

// bring fetches a segment from one server after another, until one has it.
func (r *Replicas) bring(ctx context.Context, s *state.Segment) error {
	peers, _ := r.Peers()
	var failures error
	for _, peer := range peers {
		share, cancel := context.WithTimeout(ctx, bringTime/time.Duration(len(peers))) // one that hangs does not take all
		err := r.fetch(share, peer, s)
		cancel()
		if err == nil {
			return nil
		}
		failures = errors.Join(failures, err)
	}
	return errs.New(errs.Unavailable, "cannot bring segment %s of the history, of %d job runs, from any of %d servers; "+
		"try again: %w", s.Name(), s.Runs, len(peers), failures)
}

// fetch fetches a segment from one server. A copy that is damaged is none.
func (r *Replicas) fetch(ctx context.Context, peer grpc.ClientConnInterface, s *state.Segment) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel() // the stream ends with it
	stream, err := peerv1.NewPeerServiceClient(peer).FetchHistory(ctx, &peerv1.FetchHistoryRequest{Digest: s.Digest})
	if err != nil {
		return noCopy(err)
	}
	file := &chunk.Reader{Next: chunk.Of(stream.Recv, (*peerv1.FetchHistoryResponse).GetChunk)}
	return noCopy(r.Local.Keep(s.Name(), s.Bytes, file))
}

// noCopy is the error of a server that sent nothing. One of an older version keeps no history.
func noCopy(err error) error {
	if status.Code(err) == codes.Unimplemented {
		return errs.New(errs.NotFound, "a server of an older version keeps no history")
	}
	return grpcerr.FromStatus(err)
}
