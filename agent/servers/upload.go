package servers

import (
	"context"
	"io"

	"google.golang.org/grpc"

	"github.com/headrace/headrace/internal/errs"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
)

// OpenUpload opens a file that a user uploaded, for a worker of this node whose job run names it. The error is NotFound
// if a server says that none has it. The caller closes it. The context covers the reading.
func (s *Servers) OpenUpload(ctx context.Context, workerID string, digest []byte) (io.ReadCloser, error) {
	type stream = grpc.ServerStreamingClient[agentv1.FetchUploadResponse]
	return wanted[*agentv1.FetchUploadResponse, stream]{
		what: "an uploaded file",
		ask: func(ctx context.Context, server agentv1.AgentServiceClient) (stream, error) {
			return server.FetchUpload(ctx, &agentv1.FetchUploadRequest{WorkerId: workerID, Digest: digest})
		},
		bytes: (*agentv1.FetchUploadResponse).GetChunk,
		final: []errs.Kind{errs.NotFound, errs.Forbidden},
	}.open(ctx, s)
}
