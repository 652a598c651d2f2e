package control

import (
	"context"
	"strings"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/proto"

	"github.com/headrace/headrace/internal/caught"
	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/grpcerr"
)

// Local is a connection to this server's own API, without a network. Its calls take the same way as those of gRPC clients: through
// Forward to the leader, and to the same services.
type Local struct {
	panics  *caught.Panics
	forward grpc.UnaryServerInterceptor
	methods map[string]localMethod // by full name
}

type localMethod struct {
	service any
	handle  grpc.MethodHandler
}

var (
	_ grpc.ClientConnInterface = (*Local)(nil)
	_ grpc.ServiceRegistrar    = (*Local)(nil)
)

// Local returns a connection to the API.
func (c *Control) Local() *Local {
	l := &Local{panics: c.cfg.Panics, forward: c.Forward, methods: map[string]localMethod{}}
	c.Register(l)
	return l
}

// RegisterService adds a service; Control calls it.
func (l *Local) RegisterService(desc *grpc.ServiceDesc, service any) {
	for _, m := range desc.Methods {
		l.methods["/"+desc.ServiceName+"/"+m.MethodName] = localMethod{service, m.Handler}
	}
}

// Invoke makes a call. Its outgoing metadata arrive as those of a remote call do; caller.With says who makes it.
func (l *Local) Invoke(ctx context.Context, method string, request, answer any, _ ...grpc.CallOption) error {
	m, ok := l.methods[method]
	if !ok {
		return grpcerr.ToStatus(errs.New(errs.Internal, "there is no method %s to call here", strings.TrimPrefix(method, "/")))
	}
	return grpcerr.ToStatus(l.panics.Do("a call", func() error { return l.call(ctx, m, request.(proto.Message), answer.(proto.Message)) }, "method", method))
}

func (l *Local) call(ctx context.Context, m localMethod, request, answer proto.Message) error {
	md, _ := metadata.FromOutgoingContext(ctx)
	got, err := m.handle(m.service, metadata.NewIncomingContext(ctx, md), func(to any) error {
		proto.Merge(to.(proto.Message), request)
		return nil
	}, l.forward)
	if err != nil {
		return err
	}
	proto.Merge(answer, got.(proto.Message))
	return nil
}

// NewStream refuses: what streams is read from elsewhere.
func (l *Local) NewStream(context.Context, *grpc.StreamDesc, string, ...grpc.CallOption) (grpc.ClientStream, error) {
	return nil, grpcerr.ToStatus(errs.New(errs.Internal, "there are no streams within a server"))
}
