package servers

import (
	"context"
	"io"

	"google.golang.org/grpc"

	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
)

// OpenRelease opens the archive of that SHA-256 in the servers' cache at an offset in bytes. The caller closes it. The
// context covers the reading.
func (s *Servers) OpenRelease(ctx context.Context, digest []byte, offset int64) (io.ReadCloser, error) {
	type stream = grpc.ServerStreamingClient[agentv1.FetchReleaseResponse]
	return wanted[*agentv1.FetchReleaseResponse, stream]{
		what: "a release",
		ask: func(ctx context.Context, server agentv1.AgentServiceClient) (stream, error) {
			return server.FetchRelease(ctx, &agentv1.FetchReleaseRequest{Digest: digest, Offset: offset})
		},
		bytes: (*agentv1.FetchReleaseResponse).GetChunk,
	}.open(ctx, s)
}
