package uploads

import (
	"bytes"
	"context"
	"errors"
	"io"
	"time"

	"google.golang.org/grpc"

	"github.com/headrace/headrace/internal/chunk"
	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/grpcerr"
	"github.com/headrace/headrace/internal/upload"
	peerv1 "github.com/headrace/headrace/proto/headrace/peer/v1"
)

// peerTime bounds what another server is asked: to send a file, or to bring one from here.
const peerTime = 10 * time.Second

// Replicas are the files of all servers. Its methods may be called by many goroutines.
type Replicas struct {
	// Local is what this server keeps.
	Local *Store
	// Peers returns connections to all other servers.
	Peers func() []grpc.ClientConnInterface
}

// Spread returns once a majority of the servers keeps a file that is here.
func (r *Replicas) Spread(ctx context.Context, k Key) error {
	peers := r.Peers()
	enough := majority(peers)
	answers := make(chan error, len(peers))
	ctx, cancel := context.WithTimeout(ctx, peerTime)
	defer cancel()
	for _, peer := range peers {
		go func() { answers <- keepAt(ctx, peer, k) }()
	}
	kept := 1
	var failures error
	for range peers { // each of them answers, or its time is over
		if err := <-answers; err != nil {
			failures = errors.Join(failures, err)
			continue
		}
		kept++
	}
	if kept < enough {
		return errs.New(errs.Unavailable,
			"cannot keep the file safely: %d of %d servers have it, and %d are needed; try again: %w",
			kept, len(peers)+1, enough, failures)
	}
	return nil
}

// majority returns how many servers are one, with this one and its peers.
func majority(peers []grpc.ClientConnInterface) int { return (len(peers)+1)/2 + 1 }

// keepAt has another server keep a file that is here.
func keepAt(ctx context.Context, peer grpc.ClientConnInterface, k Key) error {
	wanted := &peerv1.KeepUploadRequest{User: k.User, Digest: k.Digest[:]}
	_, err := peerv1.NewPeerServiceClient(peer).KeepUpload(ctx, wanted)
	return grpcerr.FromStatus(err)
}

// Ensure has a file here, from another server if need be, and notes that it is used. The error is NotFound if the
// servers that answer do not have it.
func (r *Replicas) Ensure(ctx context.Context, k Key) error {
	if r.Local.Use(k) {
		return nil
	}
	content, err := r.fetch(ctx, k)
	if err != nil {
		return err
	}
	return r.Local.Keep(k, int64(len(content)), bytes.NewReader(content))
}

// Stream sends a file, from wherever it is.
func (r *Replicas) Stream(ctx context.Context, k Key, send func(part []byte) error) error {
	if !r.Local.Has(k) {
		if err := r.Ensure(ctx, k); err != nil {
			return err
		}
	}
	return r.Local.Stream(k, send)
}

// fetch returns a file from the first other server that has it.
func (r *Replicas) fetch(ctx context.Context, k Key) ([]byte, error) {
	silent := 0
	for _, peer := range r.Peers() {
		content, err := fetchFrom(ctx, peer, k)
		if err == nil {
			return content, nil
		}
		if !errs.Is(err, errs.NotFound) {
			silent++
		}
	}
	if silent >= majority(r.Peers()) { // else one of those that answered would have it
		return nil, errs.New(errs.Unavailable,
			"cannot find the file of %s with the SHA-256 %x: %d servers do not answer; try again", k.User, k.Digest, silent)
	}
	return nil, errs.New(errs.NotFound,
		"the servers keep no file of %s with the SHA-256 %x: nobody used it for too long, or it is of another user; "+
			"upload it again (`headrace job-run start --entry-point ./FILE`)", k.User, k.Digest)
}

func fetchFrom(ctx context.Context, peer grpc.ClientConnInterface, k Key) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, peerTime)
	defer cancel()
	wanted := &peerv1.FetchUploadRequest{User: k.User, Digest: k.Digest[:]}
	stream, err := peerv1.NewPeerServiceClient(peer).FetchUpload(ctx, wanted)
	if err != nil {
		return nil, grpcerr.FromStatus(err)
	}
	file := &chunk.Reader{Next: chunk.Of(stream.Recv, (*peerv1.FetchUploadResponse).GetChunk)}
	content, err := io.ReadAll(io.LimitReader(file, upload.MaxBytes+1))
	return content, grpcerr.FromStatus(err)
}
