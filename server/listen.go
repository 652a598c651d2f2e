package server

import (
	"context"
	"strings"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/peer"

	"github.com/headrace/headrace/internal/caught"
	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/grpcerr"
	"github.com/headrace/headrace/internal/mtls"
	"github.com/headrace/headrace/server/control"
)

// Bounds of the gRPC listener.
const (
	maxAnswer   = 8 << 20 // bytes of what another server answers
	maxMessage  = 4 << 20 // bytes of what callers send: a report of an agent, or what a node says of a worker
	maxMetadata = 64 << 10
	maxStreams  = 1024             // per connection
	shakeTime   = 5 * time.Second  // until a connection stands
	unusedTime  = 10 * time.Minute // of a connection without calls
	aliveWithin = 20 * time.Second
)

// grpcServer returns a gRPC server with its bounds, its certificates and the given interceptors behind the check of roles. A panic
// of a call is that call's error.
func grpcServer(files *mtls.Files, panics *caught.Panics, unary grpc.UnaryServerInterceptor, stream grpc.StreamServerInterceptor) (*grpc.Server, error) {
	calls := newShares()
	options := []grpc.ServerOption{
		grpc.MaxRecvMsgSize(maxMessage), grpc.MaxConcurrentStreams(maxStreams), grpc.MaxHeaderListSize(maxMetadata), grpc.ConnectionTimeout(shakeTime),
		grpc.KeepaliveEnforcementPolicy(keepalive.EnforcementPolicy{MinTime: time.Second, PermitWithoutStream: true}),
		grpc.KeepaliveParams(keepalive.ServerParameters{Time: aliveWithin, Timeout: aliveWithin / 2, MaxConnectionIdle: unusedTime}),
		grpc.ChainUnaryInterceptor(catchUnary(panics), checkUnaryRole, calls.unary, unary),
		grpc.ChainStreamInterceptor(catchStream(panics), checkStreamRole, calls.stream, stream),
	}
	if files != nil {
		config, err := files.Listen()
		if err != nil {
			return nil, err
		}
		options = append(options, grpc.Creds(credentials.NewTLS(config)))
	}
	return grpc.NewServer(options...), nil
}

// dialOptions are those of connections to other servers.
func dialOptions(files *mtls.Files) ([]grpc.DialOption, error) {
	options := []grpc.DialOption{grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(maxAnswer)),
		grpc.WithKeepaliveParams(keepalive.ClientParameters{Time: aliveWithin, Timeout: aliveWithin / 2})}
	if files == nil {
		return append(options, grpc.WithTransportCredentials(insecure.NewCredentials())), nil
	}
	config, err := files.Dial()
	if err != nil {
		return nil, err
	}
	return append(options, grpc.WithTransportCredentials(credentials.NewTLS(config))), nil
}

// rolesOf says which certificates may call a service.
func rolesOf(method string) []string {
	switch {
	case strings.HasPrefix(method, "/headrace.peer."):
		return []string{mtls.Server}
	case strings.HasPrefix(method, "/headrace.agent."):
		return []string{mtls.Agent, mtls.Server}
	case strings.HasPrefix(method, "/headrace.control.v1.AccessKeyService/"):
		return []string{mtls.Operator, mtls.Server} // who has a key needs no certificate any more
	case strings.HasPrefix(method, "/headrace.control."):
		return []string{mtls.Client, mtls.Operator, mtls.Server}
	}
	return []string{mtls.Client, mtls.Operator, mtls.Agent, mtls.Server} // health and reflection
}

// checkRole refuses callers whose certificate is for another part. Without TLS there is nothing to check.
func checkRole(ctx context.Context, method string) error {
	p, ok := peer.FromContext(ctx)
	if !ok {
		return grpcerr.ToStatus(errs.New(errs.Unauthorized, "the connection has no peer"))
	}
	info, ok := p.AuthInfo.(credentials.TLSInfo)
	if !ok {
		return nil
	}
	return grpcerr.ToStatus(mtls.HasRole(info.State, rolesOf(method)...))
}

func checkUnaryRole(ctx context.Context, req any, info *grpc.UnaryServerInfo, handle grpc.UnaryHandler) (any, error) {
	if err := checkRole(ctx, info.FullMethod); err != nil {
		return nil, err
	}
	if !fromServer(ctx) {
		ctx = control.WithoutHop(ctx)
	}
	return handle(ctx, req)
}

// fromServer says whether the caller's certificate is a server's. Without TLS everybody who reaches the port is believed.
func fromServer(ctx context.Context) bool {
	p, _ := peer.FromContext(ctx) // checkRole has found it
	info, secure := p.AuthInfo.(credentials.TLSInfo)
	return !secure || mtls.HasRole(info.State, mtls.Server) == nil
}

func checkStreamRole(srv any, stream grpc.ServerStream, info *grpc.StreamServerInfo, handle grpc.StreamHandler) error {
	if err := checkRole(stream.Context(), info.FullMethod); err != nil {
		return err
	}
	return handle(srv, stream)
}
