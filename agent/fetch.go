package agent

import (
	"context"
	"errors"
	"io"

	"google.golang.org/grpc"

	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
)

// archive reads a release's archive from a server.
type archive struct {
	conn   connection
	cancel context.CancelFunc
	stream grpc.ServerStreamingClient[agentv1.FetchReleaseResponse]
	chunk  []byte // received and not yet read
}

// openReleaseAt opens an archive on one server. It waits for the first chunk, so that a server that lacks it is passed over.
func (a *Agent) openReleaseAt(ctx context.Context, server string, digest []byte, offset int64) (_ io.ReadCloser, err error) {
	conn, err := a.dial(server)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	opened := &archive{conn: conn, cancel: cancel}
	defer func() {
		if err != nil {
			_ = opened.Close()
		}
	}()
	request := &agentv1.FetchReleaseRequest{Digest: digest, Offset: offset}
	if opened.stream, err = agentv1.NewAgentServiceClient(conn).FetchRelease(ctx, request); err != nil {
		return nil, err
	}
	if err = opened.next(); err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	return opened, nil
}

func (r *archive) next() error {
	response, err := r.stream.Recv()
	r.chunk = response.GetChunk()
	return err
}

// Read reads what comes next; io.EOF at the archive's end.
func (r *archive) Read(p []byte) (int, error) {
	for len(r.chunk) == 0 {
		if err := r.next(); err != nil {
			return 0, err
		}
	}
	n := copy(p, r.chunk)
	r.chunk = r.chunk[n:]
	return n, nil
}

// Close ends the reading.
func (r *archive) Close() error {
	r.cancel()
	return r.conn.Close()
}
