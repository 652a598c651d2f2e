package peers

import (
	"context"
	"crypto/sha256"

	"google.golang.org/grpc"

	"github.com/headrace/headrace/internal/grpcerr"
	peerv1 "github.com/headrace/headrace/proto/headrace/peer/v1"
	"github.com/headrace/headrace/server/uploads"
)

// KeepUpload brings a file that a user uploaded to this server.
func (s *Service) KeepUpload(ctx context.Context, r *peerv1.KeepUploadRequest) (*peerv1.KeepUploadResponse, error) {
	key, err := uploadOf(r)
	if err == nil {
		err = s.cfg.Uploads.Ensure(ctx, key)
	}
	return &peerv1.KeepUploadResponse{}, grpcerr.ToStatus(err)
}

// FetchUpload streams a file that this server keeps.
func (s *Service) FetchUpload(
	r *peerv1.FetchUploadRequest,
	stream grpc.ServerStreamingServer[peerv1.FetchUploadResponse],
) error {
	key, err := uploadOf(r)
	if err != nil {
		return grpcerr.ToStatus(err)
	}
	send := func(chunk []byte) error { return stream.Send(&peerv1.FetchUploadResponse{Chunk: chunk}) }
	return grpcerr.ToStatus(s.cfg.Uploads.Local.Stream(key, send))
}

// uploadOf returns which file a request is about.
func uploadOf(r interface {
	GetUser() string
	GetDigest() []byte
},
) (uploads.Key, error) {
	if err := checkDigest(r.GetDigest()); err != nil {
		return uploads.Key{}, err
	}
	return uploads.Key{User: r.GetUser(), Digest: [sha256.Size]byte(r.GetDigest())}, nil
}
