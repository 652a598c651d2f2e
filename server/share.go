package server

import (
	"context"
	"crypto/sha256"
	"strings"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/peer"

	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/grpcerr"
	"github.com/headrace/headrace/internal/inflight"
	"github.com/headrace/headrace/internal/mtls"
)

// The calls that are under way at once, watches and logs among them.
const (
	maxCalls       = 4096
	callsEach      = 1024 // of one client: a certificate or, without TLS, an address
	maxAgentCalls  = 32_768
	agentCallsEach = 256 // of one agent: a session, data streams, and logs and releases that it stores and fetches
)

// shares bounds calls. Those of agents have places of their own: no client keeps an agent from its servers, and no
// agent a client.
type shares struct{ clients, agents *inflight.Limit }

func newShares() shares {
	return shares{inflight.New(maxCalls, callsEach), inflight.New(maxAgentCalls, agentCallsEach)}
}

func (s shares) unary(ctx context.Context, req any, info *grpc.UnaryServerInfo, handle grpc.UnaryHandler) (any, error) {
	leave, err := s.enter(ctx, info.FullMethod)
	if err != nil {
		return nil, err
	}
	defer leave()
	return handle(ctx, req)
}

func (s shares) stream(
	srv any,
	stream grpc.ServerStream,
	info *grpc.StreamServerInfo,
	handle grpc.StreamHandler,
) error {
	leave, err := s.enter(stream.Context(), info.FullMethod)
	if err != nil {
		return err
	}
	defer leave()
	return handle(srv, stream)
}

func (s shares) enter(ctx context.Context, method string) (leave func(), err error) {
	client, counts := clientOf(ctx, method)
	if !counts {
		return func() {}, nil
	}
	from := s.of(client)
	if leave = from.Take(client.name); leave == nil {
		all, each := from.Bounds()
		err = grpcerr.ToStatus(errs.New(errs.Overloaded,
			"cannot take another call: %d of this client or %d of all are under way; try again later", each, all))
	}
	return leave, err
}

// of returns the places from which a client takes its own.
func (s shares) of(c client) *inflight.Limit {
	if c.agent {
		return s.agents
	}
	return s.clients
}

// client is a caller that has a share.
type client struct {
	name  string
	agent bool
}

// clientOf names a caller. Other servers are not counted: they forward calls of clients that they have counted already.
// Without TLS nobody proves what it is. Then an address is a client, but many agents may be at one address, so that
// each connection of an agent is an agent.
func clientOf(ctx context.Context, method string) (c client, counts bool) {
	p, ok := peer.FromContext(ctx)
	if !ok {
		return c, true
	}
	info, secure := p.AuthInfo.(credentials.TLSInfo)
	switch {
	case secure && mtls.HasRole(info.State, mtls.Server) == nil, !secure && strings.HasPrefix(method, peerPrefix):
		return c, false
	case secure:
		certificate := sha256.Sum256(info.State.PeerCertificates[0].Raw)
		return client{string(certificate[:]), mtls.HasRole(info.State, mtls.Agent) == nil}, true
	case strings.HasPrefix(method, agentPrefix):
		return client{p.Addr.String(), true}, true
	}
	return client{inflight.Address(p.Addr.String()), false}, true
}
