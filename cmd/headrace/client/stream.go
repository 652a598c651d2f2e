package client

import (
	"context"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"

	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/grpcerr"
)

// NewStream opens a stream to the server that calls use now. If the stream breaks, the caller has to open it again;
// Follow and Retry do so, on the next server.
func (c *Client) NewStream(ctx context.Context, desc *grpc.StreamDesc, method string,
	options ...grpc.CallOption,
) (grpc.ClientStream, error) {
	ctx = metadata.AppendToOutgoingContext(ctx, requestIDKey, newRequestID())
	conn, number := c.conn()
	s, err := conn.NewStream(ctx, desc, method, options...)
	if err != nil {
		return nil, c.lost(number, err)
	}
	return &stream{ClientStream: s, client: c, number: number}, nil
}

// stream gives a stream the errors of package errs.
type stream struct {
	grpc.ClientStream
	client *Client
	number int // the server
}

// SendMsg sends a message, unless its texts cannot be sent.
func (s *stream) SendMsg(m any) error {
	if err := checkTexts(m); err != nil {
		return err
	}
	return s.ClientStream.SendMsg(m)
}

// RecvMsg receives a message. Its errors are those of package errs.
func (s *stream) RecvMsg(m any) error { return s.client.lost(s.number, s.ClientStream.RecvMsg(m)) }

// lost translates a stream's error, and leaves a server that cannot be reached.
func (c *Client) lost(number int, err error) error {
	err = grpcerr.FromStatus(err)
	if hopeless := c.hopeless(); hopeless != nil && errs.Is(err, errs.Unavailable) {
		return hopeless
	}
	if errs.Is(err, errs.Unavailable) || errs.Is(err, errs.NotLeader) {
		c.leave(number)
	}
	return err
}

// Retry calls open until it succeeds or returns an error that a repetition does not cure. open reads a stream to its
// end and calls alive for every message. If no message came for Config.RetryFor, Retry gives up.
func (c *Client) Retry(ctx context.Context, open func(alive func()) error) error {
	p := c.patience()
	for {
		err := open(func() { p = c.patience() })
		if err == nil || !Repeatable(err) || !p.pause(ctx, err) {
			return err
		}
	}
}
