package dispatch

import (
	"context"
	"io"

	"google.golang.org/grpc"

	"github.com/headrace/headrace/internal/chunk"
	"github.com/headrace/headrace/internal/grpcerr"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
)

// Packages is what dispatch needs of package server/packages.
type Packages interface {
	// Put keeps an archive.
	Put(key string, from io.Reader) error
	// Stream sends an archive, from another server if it is not here.
	Stream(ctx context.Context, key string, send func(chunk []byte) error) error
}

// FetchPackages streams what packages were resolved to.
func (d *Dispatch) FetchPackages(r *agentv1.FetchPackagesRequest, stream grpc.ServerStreamingServer[agentv1.FetchPackagesResponse]) error {
	return grpcerr.ToStatus(d.cfg.Packages.Stream(stream.Context(), r.GetKey(), func(chunk []byte) error {
		return stream.Send(&agentv1.FetchPackagesResponse{Chunk: chunk})
	}))
}

// StorePackages keeps what an agent has resolved.
func (d *Dispatch) StorePackages(stream grpc.ClientStreamingServer[agentv1.StorePackagesRequest, agentv1.StorePackagesResponse]) error {
	first, err := stream.Recv()
	if err != nil {
		return err
	}
	next := first
	from := &chunk.Reader{Next: func() (part []byte, err error) {
		if next == nil {
			next, err = stream.Recv()
		}
		part, next = next.GetChunk(), nil
		return part, err
	}}
	if err := d.cfg.Packages.Put(first.GetKey(), from); err != nil {
		return grpcerr.ToStatus(err)
	}
	return stream.SendAndClose(&agentv1.StorePackagesResponse{})
}
