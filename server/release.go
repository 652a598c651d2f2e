package server

import (
	"context"
	"io"
	"math/rand/v2"
	"time"

	"github.com/headrace/headrace/internal/backoff"
	"github.com/headrace/headrace/internal/chunk"
	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/every"
	"github.com/headrace/headrace/internal/grpcerr"
	peerv1 "github.com/headrace/headrace/proto/headrace/peer/v1"
)

// How often a server looks for archives that it lacks. While it cannot bring one, the pauses double: the servers lack
// it all at one moment, and ask the same one for it.
const (
	replicateInterval = 2 * time.Second
	replicateLongest  = 15 * time.Second
)

// replicateReleases brings every archive that the log names to this server, one after another.
func (s *Server) replicateReleases(ctx context.Context) {
	pauses := backoff.Doubling{First: replicateInterval, Max: replicateLongest}
	pause := replicateInterval
	for every.Pause(ctx, pause) {
		err := s.panics.Do("bringing releases here", func() error { return s.bringReleases(ctx) }) // logged
		if err != nil {
			pause = backoff.Jitter(pauses.Next(), rand.N[time.Duration])
			continue
		}
		pauses.Reset()
		pause = replicateInterval
	}
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
