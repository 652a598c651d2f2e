package servers

import (
	"context"
	"errors"
	"io"

	"github.com/headrace/headrace/internal/chunk"
	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/grpcerr"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
)

// OpenUpload opens a file that a user uploaded, for a worker of this node whose job run names it. The error is NotFound
// if a server says that none has it. The caller closes it. The context covers the reading.
func (s *Servers) OpenUpload(ctx context.Context, workerID string, digest []byte) (io.ReadCloser, error) {
	ask, _ := s.All()
	var failures []error
	for _, server := range ask {
		opened, err := s.openUploadAt(ctx, server, workerID, digest)
		if err == nil || errs.Is(err, errs.NotFound) || errs.Is(err, errs.Forbidden) {
			return opened, err
		}
		failures = append(failures, err)
	}
	return nil, errs.New(errs.Unavailable,
		"cannot fetch an uploaded file from any of %d servers: %w", len(ask), errors.Join(failures...))
}

// openUploadAt opens a file on one server. It waits for the first chunk, so that a server that lacks it is passed over.
func (s *Servers) openUploadAt(ctx context.Context, server, workerID string, digest []byte) (io.ReadCloser, error) {
	conn, err := s.Dial(server)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	stop := func() {
		cancel()
		_ = conn.Close()
	}
	wanted := &agentv1.FetchUploadRequest{WorkerId: workerID, Digest: digest}
	stream, err := agentv1.NewAgentServiceClient(conn).FetchUpload(ctx, wanted)
	if err != nil {
		stop()
		return nil, grpcerr.FromStatus(err)
	}
	opened := &chunk.Reader{Next: chunk.Of(stream.Recv, (*agentv1.FetchUploadResponse).GetChunk), Stop: stop}
	err = opened.First()
	if err != nil && !errors.Is(err, io.EOF) { // the file is empty
		stop()
		return nil, grpcerr.FromStatus(err)
	}
	return opened, nil
}
