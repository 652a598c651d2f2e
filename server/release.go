package server

import (
	"context"
	"errors"
	"io"

	"google.golang.org/grpc"

	"github.com/headrace/headrace/internal/chunk"
	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/grpcerr"
	peerv1 "github.com/headrace/headrace/proto/headrace/peer/v1"
)

// replicateReleases brings every archive that the log names to this server, one after another.
func (s *Server) replicateReleases(ctx context.Context) {
	s.replicate(ctx, "bringing releases here", s.bringReleases)
}

// bringReleases returns why this server still lacks an archive.
func (s *Server) bringReleases(ctx context.Context) (lacks error) {
	for row := range s.consensus.View().Releases() {
		if s.releases.Has(row.Digest) || ctx.Err() != nil {
			continue
		}
		if err := s.releases.Bring(ctx, row.Digest, row.SizeBytes); err != nil {
			s.cfg.Log.WarnContext(ctx, "cannot bring a release's archive here; trying again",
				"release", row.Label, "error", err)
			lacks = err
			continue
		}
		s.cfg.Log.InfoContext(ctx, "release's archive is here", "release", row.Label, "bytes", row.SizeBytes)
	}
	return lacks
}

// fetchRelease streams an archive from the first other server that has it.
func (m *members) fetchRelease(ctx context.Context, digest []byte) (io.ReadCloser, error) {
	var last error = errs.New(errs.Unavailable, "no other server is known")
	for _, address := range m.Addresses() {
		if address == m.Address() {
			continue
		}
		stream, err := m.openRelease(ctx, address, digest)
		if err == nil {
			return stream, nil
		}
		last = err
	}
	return nil, last
}

func (m *members) openRelease(ctx context.Context, address string, digest []byte) (io.ReadCloser, error) {
	connection, err := m.connection(address)
	if err != nil {
		return nil, err
	}
	begin := func(ctx context.Context) (grpc.ServerStreamingClient[peerv1.FetchReleaseResponse], error) {
		return peerv1.NewPeerServiceClient(connection).FetchRelease(ctx, &peerv1.FetchReleaseRequest{Digest: digest})
	}
	archive, err := chunk.Open(ctx, begin, (*peerv1.FetchReleaseResponse).GetChunk, func() {})
	if err != nil {
		return nil, grpcerr.FromStatus(err)
	}
	if archive.Empty() {
		return nil, errors.Join(errs.New(errs.NotFound, "server %s has an empty archive", address), archive.Close())
	}
	return archive, nil
}
