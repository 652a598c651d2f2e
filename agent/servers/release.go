package servers

import (
	"context"
	"errors"
	"io"

	"github.com/headrace/headrace/internal/chunk"
	"github.com/headrace/headrace/internal/errs"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
)

// OpenRelease opens the archive of that SHA-256 in the servers' cache at an offset in bytes. The caller closes it. The
// context covers the reading.
func (s *Servers) OpenRelease(ctx context.Context, digest []byte, offset int64) (io.ReadCloser, error) {
	ask, _ := s.All()
	var failures []error
	for _, server := range ask {
		opened, err := s.openReleaseAt(ctx, server, digest, offset)
		if err == nil {
			return opened, nil
		}
		failures = append(failures, err)
	}
	return nil, errs.New(errs.Unavailable,
		"cannot fetch a release from any of %d servers: %w", len(ask), errors.Join(failures...))
}

// openReleaseAt opens an archive on one server. It waits for the first chunk, so that a server that lacks it is passed
// over.
func (s *Servers) openReleaseAt(
	ctx context.Context, server string, digest []byte, offset int64,
) (io.ReadCloser, error) {
	conn, err := s.Dial(server)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	wanted := &agentv1.FetchReleaseRequest{Digest: digest, Offset: offset}
	stream, err := agentv1.NewAgentServiceClient(conn).FetchRelease(ctx, wanted)
	if err != nil {
		cancel()
		return nil, errors.Join(err, conn.Close())
	}
	opened := &chunk.Reader{
		Next: chunk.Of(stream.Recv, (*agentv1.FetchReleaseResponse).GetChunk),
		Stop: func() { cancel(); _ = conn.Close() },
	}
	err = opened.First()
	if err != nil && !errors.Is(err, io.EOF) { // nothing is left behind an offset at the archive's end
		return nil, errors.Join(err, opened.Close())
	}
	return opened, nil
}
