package client

import (
	"context"
	"math/rand/v2"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/headrace/headrace/internal/backoff"
	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/every"
	"github.com/headrace/headrace/internal/grpcerr"
)

// Invoke makes a call. While no server can answer, or the outcome is not known, it repeats the call with the same
// request id. Its errors are those of package errs, with the kind, the field and the message that the wire carries.
func (c *Client) Invoke(ctx context.Context, method string, request, answer any, options ...grpc.CallOption) error {
	ctx = metadata.AppendToOutgoingContext(ctx, requestIDKey, newRequestID())
	p := c.patience()
	for {
		conn, number := c.conn()
		err := c.try(ctx, conn, method, request, answer, options)
		if err == nil || !Repeatable(err) {
			return err
		}
		c.leave(number)
		if !p.pause(ctx, err) {
			return err
		}
	}
}

// try makes a call once. A server that does not answer in time counts as one that nobody can reach.
func (c *Client) try(ctx context.Context, conn *grpc.ClientConn, method string, request, answer any,
	options []grpc.CallOption) error {
	once, cancel := context.WithTimeout(ctx, c.config.TryFor)
	defer cancel()
	err := conn.Invoke(once, method, request, answer, options...)
	if status.Code(err) == codes.DeadlineExceeded && ctx.Err() == nil {
		return errs.New(errs.Unknown, "server %s did not answer within %s", conn.CanonicalTarget(), c.config.TryFor)
	}
	return grpcerr.FromStatus(err)
}

// Repeatable says whether the same request may succeed if it is sent again.
func Repeatable(err error) bool {
	switch errs.KindOf(err) {
	case errs.Unavailable, errs.Unknown, errs.NotLeader, errs.Overloaded:
		return true
	}
	return false
}

// patience bounds the repetitions of one call.
type patience struct {
	until  time.Time
	pauses backoff.Doubling
	long   func(err error, left time.Duration) // told once that it takes long; nil: it was told, or nobody listens
}

// long is the pause from which on it takes long.
const long = 800 * time.Millisecond

func (c *Client) patience() *patience {
	return &patience{
		until:  time.Now().Add(c.config.RetryFor),
		pauses: backoff.Doubling{First: c.config.RetryFirst, Max: c.config.RetryMax},
		long:   c.config.OnLong,
	}
}

// pause waits before the next try after an error, and says whether there is to be one.
func (p *patience) pause(ctx context.Context, err error) bool {
	left := time.Until(p.until)
	pause := p.pauses.Next()
	if left < pause {
		return false
	}
	if p.long != nil && pause >= long {
		p.long(err, left)
		p.long = nil
	}
	return every.Pause(ctx, backoff.Jitter(pause, rand.N[time.Duration])) // other clients lost the same server
}
