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
	"github.com/headrace/headrace/internal/mtls"
	"github.com/headrace/headrace/internal/places"
)

// The calls of the native API that are under way at once, watches and logs among them.
const (
	maxCalls  = 4096
	callsEach = 1024 // of one client: a certificate or, without TLS, an address
)

// shares bounds the calls of clients. Agents and servers have bounds of their own: one session of a node, and what is asked of them.
type shares struct{ *places.Places }

func newShares() shares { return shares{places.New(maxCalls, callsEach)} }

func (s shares) unary(ctx context.Context, req any, info *grpc.UnaryServerInfo, handle grpc.UnaryHandler) (any, error) {
	leave, err := s.enter(ctx, info.FullMethod)
	if err != nil {
		return nil, err
	}
	defer leave()
	return handle(ctx, req)
}

func (s shares) stream(srv any, stream grpc.ServerStream, info *grpc.StreamServerInfo, handle grpc.StreamHandler) error {
	leave, err := s.enter(stream.Context(), info.FullMethod)
	if err != nil {
		return err
	}
	defer leave()
	return handle(srv, stream)
}

func (s shares) enter(ctx context.Context, method string) (leave func(), err error) {
	client, counts := clientOf(ctx)
	if !counts || !strings.HasPrefix(method, "/headrace.control.") {
		return func() {}, nil
	}
	if leave = s.Take(client); leave == nil {
		err = grpcerr.ToStatus(errs.New(errs.Overloaded, "cannot take another call: %d of this client or %d of all are under way; try again later", callsEach, maxCalls))
	}
	return leave, err
}

// clientOf names a caller. Other servers are not counted: they forward for many, each of whom was counted there.
func clientOf(ctx context.Context) (name string, counts bool) {
	p, _ := peer.FromContext(ctx) // checkRole has found it
	info, secure := p.AuthInfo.(credentials.TLSInfo)
	if !secure {
		return places.Address(p.Addr.String()), true
	}
	if mtls.HasRole(info.State, mtls.Server) == nil {
		return "", false
	}
	certificate := sha256.Sum256(info.State.PeerCertificates[0].Raw)
	return string(certificate[:]), true
}
