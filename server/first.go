package server

import (
	"context"
	"slices"
	"time"

	"google.golang.org/grpc"

	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/grpcerr"
	"github.com/headrace/headrace/internal/inflight"
)

// Bounds of the first message of calls; most calls have no other. gRPC asks interceptors about a call of one message
// only after that message has come.
const (
	maxFirsts  = 256 // that come at once, those of clients and those of agents
	firstsEach = 32  // of one client
	firstsWait = 2 * time.Second
	firstTime  = 15 * time.Second
)

// firsts bounds first messages. Each may have maxMessage bytes, and its sender may stop in the middle.
type firsts struct {
	shares
	wait, patience time.Duration // for a place; for the message
}

func newFirsts() firsts {
	places := shares{inflight.New(maxFirsts, firstsEach), inflight.New(maxFirsts, firstsEach)}
	return firsts{places, firstsWait, firstTime}
}

// read receives a first message, for which it takes a place. If the message takes too long, read fails. The handler
// then returns, which ends the call, and with it the goroutine that still waits for the message.
func (f firsts) read(ctx context.Context, method string, receive func() error) error {
	leave, err := f.enter(ctx, method)
	if err != nil {
		return err
	}
	arrived := make(chan error, 1)
	go func() {
		defer leave()
		arrived <- receive()
	}()
	late := time.NewTimer(f.patience)
	defer late.Stop()
	select {
	case err := <-arrived:
		return err
	case <-late.C:
		return grpcerr.ToStatus(errs.New(errs.Invalid,
			"cannot wait longer than %s for a call's first message", f.patience))
	}
}

// enter waits for a place: many calls that one client makes at the same moment are no attack.
func (f firsts) enter(ctx context.Context, method string) (leave func(), err error) {
	client, counts := clientOf(ctx, method)
	if !counts {
		return func() {}, nil
	}
	from := f.of(client)
	if leave = from.Wait(ctx, client.name, f.wait); leave == nil {
		all, each := from.Bounds()
		err = grpcerr.ToStatus(errs.New(errs.Overloaded,
			"cannot take another call: %d of this client or %d of all have not sent their first message yet; "+
				"try again later", each, all))
	}
	return leave, err
}

// stream bounds the first message of streams.
func (f firsts) stream(
	srv any,
	stream grpc.ServerStream,
	info *grpc.StreamServerInfo,
	handle grpc.StreamHandler,
) error {
	return handle(srv, &beginning{ServerStream: stream, firsts: f, method: info.FullMethod})
}

// beginning is a stream whose first message is bounded.
type beginning struct {
	grpc.ServerStream
	firsts firsts
	method string
	begun  bool // RecvMsg has one caller at a time
}

// RecvMsg receives a message.
func (b *beginning) RecvMsg(m any) error {
	if b.begun {
		return b.ServerStream.RecvMsg(m)
	}
	b.begun = true
	return b.firsts.read(b.Context(), b.method, func() error { return b.ServerStream.RecvMsg(m) })
}

// listener is a gRPC server that bounds the first messages of all calls of its services: those of streams by an
// interceptor, the others where they are decoded, which no interceptor sees.
type listener struct {
	*grpc.Server
	firsts firsts
}

// RegisterService adds a service.
func (l *listener) RegisterService(desc *grpc.ServiceDesc, service any) {
	bounded := *desc
	bounded.Methods = slices.Clone(desc.Methods)
	for i, m := range desc.Methods {
		bounded.Methods[i].Handler = l.firsts.unary("/"+desc.ServiceName+"/"+m.MethodName, m.Handler)
	}
	l.Server.RegisterService(&bounded, service)
}

// unary bounds the message of a call that has one.
func (f firsts) unary(method string, handle grpc.MethodHandler) grpc.MethodHandler {
	return func(
		srv any,
		ctx context.Context,
		decode func(any) error,
		interceptor grpc.UnaryServerInterceptor,
	) (any, error) {
		return handle(srv, ctx, func(into any) error {
			return f.read(ctx, method, func() error { return decode(into) })
		}, interceptor)
	}
}
