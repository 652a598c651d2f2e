package routing

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

// Local is a connection to this server's own API, without a network. Its calls take the same way as those of gRPC
// clients: through Forward to the leader, and to the same services.
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

// NewLocal returns a connection to the services that will be registered with it. A panic of a call is counted by
// panics, and is an error of that call.
func (r *Router) NewLocal(panics *caught.Panics) *Local {
	return &Local{
		panics:  panics,
		forward: r.Forward,
		methods: map[string]localMethod{},
	}
}

// RegisterService adds a service.
func (l *Local) RegisterService(desc *grpc.ServiceDesc, service any) {
	for _, m := range desc.Methods {
		l.methods["/"+desc.ServiceName+"/"+m.MethodName] = localMethod{service, m.Handler}
	}
}

// Invoke makes a call. Its outgoing metadata arrive as those of a remote call do. The context says who makes it, by
// caller.With.
func (l *Local) Invoke(ctx context.Context, method string, request, answer any, _ ...grpc.CallOption) error {
	m, ok := l.methods[method]
	if !ok {
		name := strings.TrimPrefix(method, "/")
		return grpcerr.ToStatus(errs.New(errs.Internal, "there is no method %s to call here", name))
	}
	call := func() error { return l.call(ctx, m, request.(proto.Message), answer.(proto.Message)) }
	return grpcerr.ToStatus(l.panics.Do("a call", call, "method", method))
}

func (l *Local) call(ctx context.Context, m localMethod, request, answer proto.Message) error {
	md, _ := metadata.FromOutgoingContext(ctx)
	decode := func(to any) error {
		proto.Merge(to.(proto.Message), request)
		return nil
	}
	got, err := m.handle(m.service, metadata.NewIncomingContext(ctx, md), decode, l.forward)
	if err != nil {
		return err
	}
	proto.Merge(answer, got.(proto.Message))
	return nil
}

// NewStream refuses: what streams is read from elsewhere.
func (l *Local) NewStream(
	context.Context,
	*grpc.StreamDesc,
	string,
	...grpc.CallOption,
) (grpc.ClientStream, error) {
	return nil, grpcerr.ToStatus(errs.New(errs.Internal, "there are no streams within a server"))
}
