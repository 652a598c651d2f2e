package control

import (
	"context"
	"reflect"
	"strings"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/grpcerr"
	"github.com/headrace/headrace/server/caller"
)

// Bounds of the retries of a forwarded call, while the cluster has no leader or its outcome is unknown.
const (
	retryFirst = 50 * time.Millisecond
	retryMost  = 500 * time.Millisecond
	retryFor   = 15 * time.Second
)

// leaderCalls are those that only the leader answers; everything else is answered where it arrives.
var leaderCalls = map[string]bool{
	"CreateApplication": true, "StartApplication": true, "StopApplication": true, "UpdateApplication": true, "DeleteApplication": true,
	"StartJobRun": true, "CancelJobRun": true, "ExplainJobRun": true, "ForgetNode": true, "ApproveNode": true, "TagResource": true, "UntagResource": true,
	"CreateAccessKey": true, "RevokeAccessKey": true,
}

// Forward is the interceptor that brings a leader's call to the leader. The server that sees the call first may repeat it, since
// the request id makes a repetition harmless; the leader never forwards again.
func (c *Control) Forward(ctx context.Context, req any, info *grpc.UnaryServerInfo, handle grpc.UnaryHandler) (any, error) {
	if !strings.HasPrefix(info.FullMethod, apiPrefix) {
		answer, err := handle(ctx, req)
		return answer, c.status(ctx, info.FullMethod, err)
	}
	method := methodOf(info.FullMethod)
	if err := allowed(ctx, method); err != nil {
		return nil, grpcerr.ToStatus(err)
	}
	if !leaderCalls[method] {
		answer, err := c.serve(ctx, req, handle)
		return answer, c.status(ctx, info.FullMethod, err)
	}
	ctx, err := withRequestID(ctx)
	if err != nil {
		return nil, grpcerr.ToStatus(err)
	}
	if caller.Forwarded(ctx) {
		answer, err := c.serve(ctx, req, handle)
		return answer, c.status(ctx, info.FullMethod, err)
	}
	answer, err := c.retry(ctx, func(ctx context.Context) (any, error) { return c.once(ctx, req, info, handle) })
	return answer, c.status(ctx, info.FullMethod, err)
}

// once decides here if this server leads, else at the leader.
func (c *Control) once(ctx context.Context, req any, info *grpc.UnaryServerInfo, handle grpc.UnaryHandler) (any, error) {
	if c.cfg.Door.IsLeader() {
		return c.serve(ctx, req, handle)
	}
	leader, err := c.cfg.Members.Leader()
	if err != nil {
		return nil, err
	}
	answer, err := answerOf(info)
	if err != nil {
		return nil, err
	}
	err = leader.Invoke(caller.Forward(ctx, c.cfg.Members.ID()), info.FullMethod, req, answer)
	return answer, answered(err)
}

// answered gives a leader's error its kind. A leader that did not answer in time may have decided.
func answered(err error) error {
	if status.Code(err) == codes.DeadlineExceeded {
		return errs.New(errs.Unknown, "cannot say what came of it: the leader did not answer in time; repeat it with the same request id")
	}
	return grpcerr.FromStatus(err)
}

// answerOf returns an empty answer of a method's type.
func answerOf(info *grpc.UnaryServerInfo) (proto.Message, error) {
	method := reflect.ValueOf(info.Server).MethodByName(methodOf(info.FullMethod))
	if !method.IsValid() {
		return nil, errs.New(errs.Internal, "there is no method %s to forward", info.FullMethod)
	}
	return reflect.New(method.Type().Out(0).Elem()).Interface().(proto.Message), nil
}

// retry repeats a call while there is no leader, or nobody knows its outcome, as long as its caller and retryFor allow; so long
// may each call last, too.
func (c *Control) retry(ctx context.Context, call func(context.Context) (any, error)) (any, error) {
	ctx, cancel := context.WithTimeout(ctx, retryFor)
	defer cancel()
	for wait := retryFirst; ; wait = min(2*wait, retryMost) {
		answer, err := call(ctx)
		if !errs.Is(err, errs.NotLeader) && !errs.Is(err, errs.Unknown) && !errs.Is(err, errs.Unavailable) {
			return answer, err
		}
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return nil, err
		}
	}
}

// status turns an error into what the wire carries. An error without a kind is a bug or a broken machine: its details are for
// the log.
func (c *Control) status(ctx context.Context, method string, err error) error {
	if err != nil && ctx.Err() == nil && errs.KindOf(err) == errs.Internal {
		c.cfg.Log.Error("call failed", "method", method, "error", err)
	}
	return grpcerr.ToStatus(err)
}

// ForwardStream gives streams their statuses; they are answered where they arrive.
func (c *Control) ForwardStream(srv any, stream grpc.ServerStream, info *grpc.StreamServerInfo, handle grpc.StreamHandler) error {
	if strings.HasPrefix(info.FullMethod, apiPrefix) {
		if err := allowed(stream.Context(), methodOf(info.FullMethod)); err != nil {
			return grpcerr.ToStatus(err)
		}
	}
	return c.status(stream.Context(), info.FullMethod, handle(srv, stream))
}
