package server

import (
	"context"
	"io"
	"path/filepath"

	"github.com/headrace/headrace/internal/chunk"
	"github.com/headrace/headrace/internal/errs"
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
		from := &chunk.Reader{Stop: cancel, Next: func() ([]byte, error) {
			m, err := stream.Recv()
			return m.GetChunk(), err
		}}
		if err == nil {
			err = from.First()
		}
		if err == nil {
			return from, nil
		}
		cancel()
	}
	return nil, errs.New(errs.NotFound, "no server has packages with the key %s", key)
}
