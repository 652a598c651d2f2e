package servers

import (
	"context"
	"errors"
	"io"
	"slices"

	"github.com/headrace/headrace/internal/chunk"
	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/grpcerr"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
)

// wanted is what servers send in chunks, in messages M of a stream S.
type wanted[M any, S interface{ Recv() (M, error) }] struct {
	what  string // for people
	ask   func(ctx context.Context, server agentv1.AgentServiceClient) (S, error)
	bytes func(M) []byte
	final []errs.Kind // of errors after which no other server is asked
}

// open opens it at the first server that has it. The caller closes it. The context covers the reading.
func (w wanted[M, S]) open(ctx context.Context, s *Servers) (io.ReadCloser, error) {
	servers, _ := s.All()
	var failures []error
	for _, server := range servers {
		opened, err := w.openAt(ctx, s, server)
		if err == nil {
			return opened, nil
		}
		if slices.Contains(w.final, errs.KindOf(err)) {
			return nil, err
		}
		failures = append(failures, err)
	}
	return nil, errs.New(errs.Unavailable,
		"cannot fetch %s from any of %d servers: %w", w.what, len(servers), errors.Join(failures...))
}

// openAt opens it on one server, over a connection of its own.
func (w wanted[M, S]) openAt(ctx context.Context, s *Servers, server string) (io.ReadCloser, error) {
	conn, err := s.Dial(server)
	if err != nil {
		return nil, err
	}
	begin := func(ctx context.Context) (S, error) { return w.ask(ctx, agentv1.NewAgentServiceClient(conn)) }
	opened, err := chunk.Open(ctx, begin, w.bytes, func() { _ = conn.Close() })
	if err != nil {
		return nil, grpcerr.FromStatus(err)
	}
	return opened, nil
}
