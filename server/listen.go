package server

import (
	"context"
	"strings"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/peer"

	"github.com/headrace/headrace/internal/caught"
	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/grpcerr"
	"github.com/headrace/headrace/internal/mtls"
	"github.com/headrace/headrace/server/caller"
)

// Bounds of the gRPC listener.
const (
	maxAnswer   = 8 << 20 // bytes of what another server answers
	maxMessage  = 4 << 20 // bytes of what callers send: a report of an agent, or what a node says of a worker
	maxMetadata = 64 << 10
	maxStreams  = 1024             // per connection
	maxUnread   = 256 << 10        // bytes of a stream that nobody reads; gRPC by itself would take up to 16 MiB
	maxFlight   = 1 << 20          // bytes of a connection that are under way
	shakeTime   = 5 * time.Second  // until a connection stands
	unusedTime  = 10 * time.Minute // of a connection without calls
	aliveWithin = 20 * time.Second
	firstDial   = 50 * time.Millisecond // between two attempts to connect to another server
	lastDial    = 500 * time.Millisecond
)

// grpcServer returns a gRPC server with its bounds, its certificates and the given interceptors behind the one that
// says who calls. A panic of a call is that call's error.
func grpcServer(
	files *mtls.Files,
	wrong *mistaken,
	panics *caught.Panics,
	unary grpc.UnaryServerInterceptor,
	stream grpc.StreamServerInterceptor,
) (*listener, error) {
	calls := newShares()
	firsts := newFirsts()
	options := append(bounds(),
		grpc.ChainUnaryInterceptor(catchUnary(panics), identifyUnary, calls.unary, unary),
		grpc.ChainStreamInterceptor(catchStream(panics), identifyStream, calls.stream, firsts.stream, stream),
	)
	if files != nil {
		config, err := files.Listen()
		if err != nil {
			return nil, err
		}
		options = append(options, grpc.Creds(wrong.credentials(credentials.NewTLS(config))))
	}
	return &listener{grpc.NewServer(options...), firsts}, nil
}

// bounds returns the options that bound what callers may take of a gRPC server.
func bounds() []grpc.ServerOption {
	return []grpc.ServerOption{
		grpc.MaxRecvMsgSize(maxMessage),
		grpc.MaxConcurrentStreams(maxStreams),
		grpc.MaxHeaderListSize(maxMetadata),
		grpc.ConnectionTimeout(shakeTime),
		grpc.StaticStreamWindowSize(maxUnread),
		grpc.StaticConnWindowSize(maxFlight),
		grpc.KeepaliveEnforcementPolicy(keepalive.EnforcementPolicy{MinTime: time.Second, PermitWithoutStream: true}),
		grpc.KeepaliveParams(keepalive.ServerParameters{
			Time:              aliveWithin,
			Timeout:           aliveWithin / 2,
			MaxConnectionIdle: unusedTime,
		}),
	}
}

// dialOptions returns the options of connections to other servers.
func dialOptions(files *mtls.Files) ([]grpc.DialOption, error) {
	again := backoff.Config{BaseDelay: firstDial, Multiplier: 2, Jitter: 0.2, MaxDelay: lastDial}
	options := []grpc.DialOption{
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(maxAnswer)),
		grpc.WithConnectParams(grpc.ConnectParams{Backoff: again, MinConnectTimeout: shakeTime}),
		grpc.WithKeepaliveParams(keepalive.ClientParameters{Time: aliveWithin, Timeout: aliveWithin / 2}),
	}
	if files == nil {
		return append(options, grpc.WithTransportCredentials(insecure.NewCredentials())), nil
	}
	config, err := files.Dial()
	if err != nil {
		return nil, err
	}
	return append(options, grpc.WithTransportCredentials(credentials.NewTLS(config))), nil
}

// rolesOf says which certificates may call a service. Package routing says which calls of the API are for operators
// alone.
func rolesOf(method string) []string {
	switch {
	case strings.HasPrefix(method, peerPrefix):
		return []string{mtls.Server}
	case strings.HasPrefix(method, agentPrefix):
		return []string{mtls.Agent}
	case strings.HasPrefix(method, apiPrefix):
		return []string{mtls.Client, mtls.Operator, mtls.Server}
	}
	return []string{mtls.Client, mtls.Operator, mtls.Agent, mtls.Server} // health and reflection
}

// The services, by which kind of caller they are for. Calls of the API have a caller with a name.
const (
	apiPrefix   = "/headrace.control."
	agentPrefix = "/headrace.agent."
	peerPrefix  = "/headrace.peer."
)

// identify refuses a caller whose certificate may not call the service, and puts the caller into the call's context.
// This is the one place where a call over gRPC gets its caller; calls within a server bring theirs.
func identify(ctx context.Context, method string) (context.Context, error) {
	p, ok := peer.FromContext(ctx)
	if !ok {
		return nil, errs.New(errs.Unauthorized, "the connection has no peer")
	}
	info, secure := p.AuthInfo.(credentials.TLSInfo)
	if secure {
		if err := mtls.HasRole(info.State, rolesOf(method)...); err != nil {
			return nil, err
		}
	}
	believed := !secure || mtls.HasRole(info.State, mtls.Server) == nil // without TLS, everybody who reaches the port
	switch {
	case !strings.HasPrefix(method, apiPrefix):
		return caller.WithoutHop(ctx), nil
	case believed && caller.Forwarded(ctx):
		return caller.Arrived(ctx)
	case !secure:
		return caller.With(caller.WithoutHop(ctx), caller.Local()), nil
	}
	who, err := caller.OfCertificate(info.State.PeerCertificates[0])
	return caller.With(caller.WithoutHop(ctx), who), err
}

func identifyUnary(ctx context.Context, req any, info *grpc.UnaryServerInfo, handle grpc.UnaryHandler) (any, error) {
	ctx, err := identify(ctx, info.FullMethod)
	if err != nil {
		return nil, grpcerr.ToStatus(err)
	}
	return handle(ctx, req)
}

// identified is a stream with the context that says who opened it.
type identified struct {
	grpc.ServerStream
	ctx context.Context
}

// Context returns that context.
func (s *identified) Context() context.Context { return s.ctx }

func identifyStream(srv any, stream grpc.ServerStream, info *grpc.StreamServerInfo, handle grpc.StreamHandler) error {
	ctx, err := identify(stream.Context(), info.FullMethod)
	if err != nil {
		return grpcerr.ToStatus(err)
	}
	return handle(srv, &identified{ServerStream: stream, ctx: ctx})
}
