package dispatch

import (
	"context"
	"io"

	"google.golang.org/grpc"

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
	if err := d.cfg.Packages.Put(first.GetKey(), &packagesReader{stream: stream, rest: first.GetChunk()}); err != nil {
		return grpcerr.ToStatus(err)
	}
	return stream.SendAndClose(&agentv1.StorePackagesResponse{})
}

// packagesReader reads an archive that an agent sends.
type packagesReader struct {
	stream grpc.ClientStreamingServer[agentv1.StorePackagesRequest, agentv1.StorePackagesResponse]
	rest   []byte
}

// Read reads what comes next.
func (p *packagesReader) Read(b []byte) (int, error) {
	for len(p.rest) == 0 {
		m, err := p.stream.Recv()
		if err != nil {
			return 0, err
		}
		p.rest = m.GetChunk()
	}
	n := copy(b, p.rest)
	p.rest = p.rest[n:]
	return n, nil
}
