package routing

import (
	"context"
	"reflect"
	"strings"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"

	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/grpcerr"
	"github.com/headrace/headrace/internal/logging"
	"github.com/headrace/headrace/server/caller"
)

// leaderCalls are the calls that only the leader answers. Every other one is answered where it arrives.
var leaderCalls = map[string]bool{
	"CreateApplication": true,
	"StartApplication":  true,
	"StopApplication":   true,
	"UpdateApplication": true,
	"DeleteApplication": true,
	"StartJobRun":       true,
	"CancelJobRun":      true,
	"ExplainJobRun":     true,
	"ForgetNode":        true,
	"ApproveNode":       true,
	"CordonNode":        true,
	"UncordonNode":      true,
	"DrainNode":         true,
	"CancelDrain":       true,
	"TagResource":       true,
	"UntagResource":     true,
	"CreateAccessKey":   true,
	"RevokeAccessKey":   true,
	"RemoveServer":      true,
}

// leaderKnows are reads with something in their answers that only the leader knows, such as when it last heard of a
// node, or in which slots processes wait. They go to the leader, too, unless a stale answer will do.
var leaderKnows = map[string]bool{
	"GetApplication": true,
	"GetNode":        true,
	"ListNodes":      true,
}

// forLeader says whether a call is for the leader.
func forLeader(method string, req any) bool {
	read, is := req.(interface{ GetStale() bool })
	return leaderCalls[method] || leaderKnows[method] && is && !read.GetStale()
}

// Forward is the interceptor that brings a leader's call to the leader. The server that sees the call first may repeat
// it, since the request id makes a repetition harmless. The leader never forwards again.
func (r *Router) Forward(
	ctx context.Context,
	req any,
	info *grpc.UnaryServerInfo,
	handle grpc.UnaryHandler,
) (any, error) {
	ctx, err := begin(ctx, info.FullMethod, req)
	if err != nil {
		return nil, r.status(ctx, info.FullMethod, err)
	}
	answer, err := r.answer(ctx, req, info, handle)
	return answer, r.status(ctx, info.FullMethod, err)
}

// begin asks whether the caller may make a call, gives it a request id if it needs one, and returns a context with
// which messages say what the call is about.
func begin(ctx context.Context, fullMethod string, req any) (context.Context, error) {
	ctx = about(ctx, req)
	if !strings.HasPrefix(fullMethod, apiPrefix) {
		return ctx, nil
	}
	method := methodOf(fullMethod)
	if err := allowed(ctx, method); err != nil {
		return ctx, err
	}
	if !leaderCalls[method] {
		return ctx, nil
	}
	ctx, err := withRequestID(ctx)
	if err != nil {
		return ctx, err
	}
	return logging.With(ctx, logging.RequestID, requestIDOf(ctx)), nil
}

func (r *Router) answer(
	ctx context.Context,
	req any,
	info *grpc.UnaryServerInfo,
	handle grpc.UnaryHandler,
) (any, error) {
	switch {
	case !strings.HasPrefix(info.FullMethod, apiPrefix):
		return handle(ctx, req)
	case !forLeader(methodOf(info.FullMethod), req) || caller.Forwarded(ctx):
		return r.serve(ctx, req, handle)
	}
	return r.decide(ctx, req, info, handle)
}

// decide has a leader's call answered by the leader.
func (r *Router) decide(
	ctx context.Context,
	req any,
	info *grpc.UnaryServerInfo,
	handle grpc.UnaryHandler,
) (answer any, err error) {
	here := func(ctx context.Context) (err error) {
		answer, err = r.serve(ctx, req, handle)
		return err
	}
	there := func(ctx context.Context, leader grpc.ClientConnInterface) error {
		made, err := answerOf(info)
		if err != nil {
			return err
		}
		answer = made
		return Answered(leader.Invoke(caller.Forward(ctx, r.cfg.Members.ID()), info.FullMethod, req, made))
	}
	err = r.Retry(ctx, func(ctx context.Context) error { return r.AtLeader(ctx, here, there) })
	return answer, err
}

// answerOf returns an empty answer of a method's type.
func answerOf(info *grpc.UnaryServerInfo) (proto.Message, error) {
	method := reflect.ValueOf(info.Server).MethodByName(methodOf(info.FullMethod))
	if !method.IsValid() {
		return nil, errs.New(errs.Internal, "there is no method %s to forward", info.FullMethod)
	}
	return reflect.New(method.Type().Out(0).Elem()).Interface().(proto.Message), nil
}

// status turns an error into what the wire carries. What another server answered has the kind that it had there. An
// error without a kind is a bug or a broken machine: its details are for the log.
func (r *Router) status(ctx context.Context, method string, err error) error {
	err = grpcerr.FromStatus(err)
	if err != nil && ctx.Err() == nil && errs.KindOf(err) == errs.Internal {
		r.cfg.Log.ErrorContext(ctx, "call failed", "method", method, "error", err)
	}
	return grpcerr.ToStatus(err)
}
