package peers

import (
	"context"
	"crypto/sha256"
	"encoding/hex"

	"google.golang.org/grpc"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/grpcerr"
	peerv1 "github.com/headrace/headrace/proto/headrace/peer/v1"
)

// KeepHistory brings a segment of the history to this server.
func (s *Service) KeepHistory(ctx context.Context, r *peerv1.KeepHistoryRequest) (*peerv1.KeepHistoryResponse, error) {
	err := checkDigest(r.GetDigest())
	if err == nil && r.GetSizeBytes() <= 0 {
		err = errs.Field("size_bytes", "a segment has no %d bytes", r.GetSizeBytes())
	}
	if err == nil {
		err = s.cfg.History.Keep(ctx, &state.Segment{Digest: r.GetDigest(), Bytes: r.GetSizeBytes()})
	}
	return &peerv1.KeepHistoryResponse{}, grpcerr.ToStatus(err)
}

// FetchHistory streams a segment that this server has.
func (s *Service) FetchHistory(
	r *peerv1.FetchHistoryRequest,
	stream grpc.ServerStreamingServer[peerv1.FetchHistoryResponse],
) error {
	if err := checkDigest(r.GetDigest()); err != nil {
		return grpcerr.ToStatus(err)
	}
	send := func(chunk []byte) error { return stream.Send(&peerv1.FetchHistoryResponse{Chunk: chunk}) }
	return grpcerr.ToStatus(s.cfg.History.Local.Stream(hex.EncodeToString(r.GetDigest()), send))
}

func checkDigest(digest []byte) error {
	if n := len(digest); n != sha256.Size {
		return errs.Field("digest", "a SHA-256 has %d bytes, not %d", sha256.Size, n)
	}
	return nil
}
