package caller

import (
	"context"

	"google.golang.org/grpc/metadata"

	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/ident"
)

// The metadata of the one hop between servers.
const (
	forwardedKey = "headrace-forwarded"       // the server that forwards
	userKey      = "headrace-caller"          // for whom
	operatorKey  = "headrace-caller-operator" // there if that is an operator
)

// Forward returns the context in which a server forwards a call to the leader, with the caller.
func Forward(ctx context.Context, server string) context.Context {
	md, _ := metadata.FromIncomingContext(ctx)
	md = withoutHop(md)
	md.Set(forwardedKey, server)
	c := Of(ctx)
	md.Set(userKey, c.User)
	if c.Operator {
		md.Set(operatorKey, "true")
	}
	return metadata.NewOutgoingContext(ctx, md)
}

// Forwarded says whether a server forwards a call, as one says that is believed.
func Forwarded(ctx context.Context) bool {
	md, _ := metadata.FromIncomingContext(ctx)
	return len(md.Get(forwardedKey)) > 0
}

// Arrived returns the context of a call that arrived from a server, with the caller that the server names.
func Arrived(ctx context.Context) (context.Context, error) {
	md, _ := metadata.FromIncomingContext(ctx)
	user := md.Get(userKey)
	if len(user) != 1 || ident.UserProblem(user[0]) != "" {
		return nil, errs.New(errs.Unauthorized,
			"cannot take a call that a server forwards without saying for whom; "+
				"its version is another one: upgrade all servers")
	}
	return With(ctx, Caller{User: user[0], Operator: len(md.Get(operatorKey)) > 0}), nil
}

// WithoutHop removes from an incoming call what only servers say to each other: that it was forwarded, and for which
// caller.
func WithoutHop(ctx context.Context) context.Context {
	md, ok := metadata.FromIncomingContext(ctx)
	if !ok {
		return ctx
	}
	return metadata.NewIncomingContext(ctx, withoutHop(md))
}

// withoutHop returns a copy without what servers say.
func withoutHop(md metadata.MD) metadata.MD {
	md = md.Copy()
	for _, key := range []string{forwardedKey, userKey, operatorKey} {
		md.Delete(key)
	}
	return md
}
