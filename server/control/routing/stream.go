package routing

import (
	"context"
	"strings"
	"sync"

	"google.golang.org/grpc"

	"github.com/headrace/headrace/internal/grpcerr"
	"github.com/headrace/headrace/internal/ident"
	"github.com/headrace/headrace/internal/logging"
)

// ForwardStream is the interceptor of streams. They are answered where they arrive; it asks whether their caller may
// make them, says to messages of the log what they are about, and gives them their statuses.
func (r *Router) ForwardStream(
	srv any,
	stream grpc.ServerStream,
	info *grpc.StreamServerInfo,
	handle grpc.StreamHandler,
) error {
	if strings.HasPrefix(info.FullMethod, apiPrefix) {
		if err := allowed(stream.Context(), methodOf(info.FullMethod)); err != nil {
			return grpcerr.ToStatus(err)
		}
	}
	named := newNamedStream(stream)
	err := handle(srv, named)
	return r.status(named.Context(), info.FullMethod, err)
}

// namedStream is a stream with a context with which messages of the log say what the call is about: its request id at
// once, and what its first message names from then on.
type namedStream struct {
	grpc.ServerStream

	mu    sync.Mutex
	ctx   context.Context
	named bool
}

func newNamedStream(stream grpc.ServerStream) *namedStream {
	ctx := stream.Context()
	if id := requestIDOf(ctx); ident.ValidToken(id) {
		ctx = logging.With(ctx, logging.RequestID, id)
	}
	return &namedStream{ServerStream: stream, ctx: ctx}
}

// Context returns the context of the call. A handler that asks for it after its first message has the run and the
// worker in it.
func (s *namedStream) Context() context.Context {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.ctx
}

// RecvMsg receives a message.
func (s *namedStream) RecvMsg(message any) error {
	if err := s.ServerStream.RecvMsg(message); err != nil {
		return err
	}
	s.name(message)
	return nil
}

// name takes what the first message says.
func (s *namedStream) name(message any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.named {
		s.named = true
		s.ctx = about(s.ctx, message)
	}
}
