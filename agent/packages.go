package agent

import (
	"context"
	"errors"
	"io"

	"google.golang.org/grpc"

	"github.com/headrace/headrace/internal/chunk"
	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/grpcerr"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
)

// packageCopies is how many servers are given what packages were resolved to.
const packageCopies = 2

// OpenPackages opens the archive that packages were resolved to by some agent. The caller closes it. NotFound: none has yet.
func (a *Agent) OpenPackages(ctx context.Context, key string) (io.ReadCloser, error) {
	var failures []error
	for _, server := range a.logs.Addresses() {
		opened, err := a.openPackagesAt(ctx, server, key)
		if err == nil || errs.Is(err, errs.NotFound) {
			return opened, err // that server has asked the others
		}
		failures = append(failures, err)
	}
	return nil, errs.New(errs.Unavailable, "cannot ask any of %d servers for packages: %w", len(failures), errors.Join(failures...))
}

func (a *Agent) openPackagesAt(ctx context.Context, server, key string) (io.ReadCloser, error) {
	conn, err := a.logs.connection(server)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	stream, err := agentv1.NewAgentServiceClient(conn).FetchPackages(ctx, &agentv1.FetchPackagesRequest{Key: key})
	opened := &chunk.Reader{Stop: cancel, Next: func() ([]byte, error) {
		m, err := stream.Recv()
		return m.GetChunk(), err
	}}
	if err == nil {
		err = opened.First()
	}
	if err != nil {
		cancel()
		return nil, grpcerr.FromStatus(err)
	}
	return opened, nil
}

// StorePackages gives servers the archive that packages were resolved to. write writes it, once per server.
func (a *Agent) StorePackages(ctx context.Context, key string, write func(io.Writer) error) error {
	stored := 0
	var failures []error
	for _, server := range a.logs.Addresses() {
		if stored == packageCopies {
			break
		}
		if err := a.storePackagesAt(ctx, server, key, write); err != nil {
			failures = append(failures, err)
			continue
		}
		stored++
	}
	if stored == 0 {
		return errs.New(errs.Unavailable, "cannot store packages on any of %d servers: %w", len(failures), errors.Join(failures...))
	}
	return nil
}

func (a *Agent) storePackagesAt(ctx context.Context, server, key string, write func(io.Writer) error) error {
	conn, err := a.logs.connection(server)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stream, err := agentv1.NewAgentServiceClient(conn).StorePackages(ctx)
	if err != nil {
		return err
	}
	if err := write(&packageSender{stream: stream, key: key}); err != nil && !errors.Is(err, io.EOF) { // EOF: the server says why
		return err
	}
	_, err = stream.CloseAndRecv()
	return grpcerr.FromStatus(err)
}

// packageSender sends an archive.
type packageSender struct {
	stream grpc.ClientStreamingClient[agentv1.StorePackagesRequest, agentv1.StorePackagesResponse]
	key    string // of the first message
}

// Write sends what may be larger than a message.
func (s *packageSender) Write(p []byte) (n int, err error) {
	for n < len(p) {
		part := p[n:min(n+chunk.Size, len(p))]
		if err := s.stream.Send(&agentv1.StorePackagesRequest{Key: s.key, Chunk: part}); err != nil {
			return n, err
		}
		s.key = ""
		n += len(part)
	}
	return n, nil
}
