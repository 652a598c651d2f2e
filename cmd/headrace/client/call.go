package client

import (
	"context"
	"math/rand/v2"
	"strings"
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
	if err := checkTexts(request); err != nil {
		return err
	}
	ctx = metadata.AppendToOutgoingContext(ctx, requestIDKey, newRequestID())
	p := c.patience()
	for tries := 0; ; tries++ {
		conn, number := c.conn()
		err := c.try(ctx, conn, c.tryFor(tries), method, request, answer, options)
		if err == nil || !Repeatable(err) {
			return err
		}
		if hopeless := c.hopeless(); hopeless != nil {
			return hopeless
		}
		c.leave(number)
		if !p.pause(ctx, err) {
			return err
		}
	}
}

// tryFor returns how long a try may take after so many others. A server may hang, so the first tries are short. If no
// server answers that fast, the call itself takes long: with every round it is given twice the time.
func (c *Client) tryFor(tries int) time.Duration {
	servers := len(c.conns)
	if servers == 1 {
		return c.config.TryMax // there is no other server that may answer instead
	}
	return backoff.After(uint32(tries/servers)+1, c.config.TryFirst, c.config.TryMax)
}

// try makes a call once. A server that does not answer in time counts as one that nobody can reach.
func (c *Client) try(ctx context.Context, conn *grpc.ClientConn, limit time.Duration, method string,
	request, answer any, options []grpc.CallOption,
) error {
	once, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	err := conn.Invoke(once, method, request, answer, options...)
	if status.Code(err) == codes.DeadlineExceeded && ctx.Err() == nil {
		server := strings.TrimPrefix(conn.Target(), direct)
		return errs.New(errs.Unknown, "server %s did not answer within %s", server, limit)
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
