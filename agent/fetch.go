package agent

import (
	"context"
	"errors"
	"io"

	"github.com/headrace/headrace/internal/chunk"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
)

// openReleaseAt opens an archive on one server. It waits for the first chunk, so that a server that lacks it is passed over.
func (a *Agent) openReleaseAt(ctx context.Context, server string, digest []byte, offset int64) (io.ReadCloser, error) {
	conn, err := a.dial(server)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	stream, err := agentv1.NewAgentServiceClient(conn).FetchRelease(ctx, &agentv1.FetchReleaseRequest{Digest: digest, Offset: offset})
	opened := &chunk.Reader{
		Next: func() ([]byte, error) {
			m, err := stream.Recv()
			return m.GetChunk(), err
		},
		Stop: func() { cancel(); _ = conn.Close() },
	}
	if err == nil {
		err = opened.First()
	}
	if err != nil && !errors.Is(err, io.EOF) { // nothing is left behind an offset at the archive's end
		return nil, errors.Join(err, opened.Close())
	}
	return opened, nil
}
