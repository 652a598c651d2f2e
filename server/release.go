package server

import (
	"context"
	"io"
	"time"

	"github.com/headrace/headrace/internal/chunk"
	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/every"
	"github.com/headrace/headrace/internal/grpcerr"
	peerv1 "github.com/headrace/headrace/proto/headrace/peer/v1"
)

// replicateInterval is how often a server looks for archives that it lacks.
const replicateInterval = 2 * time.Second

// replicateReleases brings every archive that the log names to this server, one after another.
func (s *Server) replicateReleases(ctx context.Context) {
	every.Interval(ctx, replicateInterval, func(time.Time) {
		_ = s.panics.Do("bringing releases here", func() error { // logged
			s.bringReleases(ctx)
			return nil
		})
	})
}

func (s *Server) bringReleases(ctx context.Context) {
	for row := range s.consensus.View().Releases() {
		if s.releases.Has(row.Digest) || ctx.Err() != nil {
			continue
		}
		if err := s.releases.Bring(ctx, row.Digest, row.SizeBytes); err != nil {
			s.cfg.Log.WarnContext(ctx, "cannot bring a release's archive here; trying again",
				"release", row.Label, "error", err)
			continue
		}
		s.cfg.Log.InfoContext(ctx, "release's archive is here", "release", row.Label, "bytes", row.SizeBytes)
	}
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
	ctx, cancel := context.WithCancel(ctx)
	client := peerv1.NewPeerServiceClient(connection)
	stream, err := client.FetchRelease(ctx, &peerv1.FetchReleaseRequest{Digest: digest})
	if err != nil {
		cancel()
		return nil, grpcerr.FromStatus(err)
	}
	archive := &chunk.Reader{
		Next: chunk.Of(stream.Recv, (*peerv1.FetchReleaseResponse).GetChunk),
		Stop: cancel,
	}
	if err := archive.First(); err != nil {
		cancel()
		return nil, grpcerr.FromStatus(err)
	}
	return archive, nil
}
