package server

import (
	"context"
	"errors"
	"io"
	"path/filepath"

	"google.golang.org/grpc"

	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/grpcerr"
	peerv1 "github.com/headrace/headrace/proto/headrace/peer/v1"
	"github.com/headrace/headrace/server/packages"
)

// packagesLimit bounds the packages that a server keeps, in bytes.
const packagesLimit = 20 << 30

func (s *Server) openPackages() (err error) {
	s.packages, err = packages.Open(filepath.Join(s.cfg.DataDir, "packages"), packagesLimit, s.members.fetchPackages)
	return err
}

// fetchPackages opens an archive on the first other server that has it.
func (m *members) fetchPackages(ctx context.Context, key string) (io.ReadCloser, error) {
	for _, peer := range m.peers() {
		ctx, cancel := context.WithCancel(ctx)
		stream, err := peerv1.NewPeerServiceClient(peer).FetchPackages(ctx, &peerv1.FetchPackagesRequest{Key: key})
		if err == nil {
			from := &peerPackages{stream: stream, cancel: cancel}
			if err = from.next(); err == nil || errors.Is(err, io.EOF) {
				return from, nil
			}
		}
		cancel()
	}
	return nil, errs.New(errs.NotFound, "no server has packages with the key %s", key)
}

// peerPackages reads an archive of another server.
type peerPackages struct {
	stream grpc.ServerStreamingClient[peerv1.FetchPackagesResponse]
	cancel context.CancelFunc
	rest   []byte
}

func (p *peerPackages) next() error {
	m, err := p.stream.Recv()
	p.rest = m.GetChunk()
	if errors.Is(err, io.EOF) {
		return err
	}
	return grpcerr.FromStatus(err)
}

// Read reads what comes next.
func (p *peerPackages) Read(b []byte) (int, error) {
	for len(p.rest) == 0 {
		if err := p.next(); err != nil {
			return 0, err
		}
	}
	n := copy(b, p.rest)
	p.rest = p.rest[n:]
	return n, nil
}

// Close ends the reading.
func (p *peerPackages) Close() error {
	p.cancel()
	return nil
}
