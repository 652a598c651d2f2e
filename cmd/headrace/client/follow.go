package client

import (
	"context"
	"errors"
	"io"

	"google.golang.org/protobuf/proto"

	"github.com/headrace/headrace/internal/errs"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
)

// Follow says what to follow.
type Follow struct {
	// Filter selects events; its From is set here.
	Filter *controlv1.WatchEventsRequest
	// Read reads the state, and returns the record up to which it is true, and whether it is what was waited for. It is called
	// first, when events were missed, and once more when Event says that the end came.
	Read func(ctx context.Context) (record uint64, done bool, err error)
	// Event is told every event after what Read returned, each once and in order. It returns true at the one that ends the wait.
	Event func(*controlv1.WatchEventsResponse) (ended bool)
}

// Follow waits until Read says that it is done, driven by events. Who misses events, because the servers no longer keep them, reads
// again.
func (c *Client) Follow(ctx context.Context, f Follow) error {
	p := c.patience()
	for {
		record, done, err := f.Read(ctx)
		if err != nil || done {
			return err
		}
		told, err := c.follow(ctx, f, &controlv1.Position{Record: record + 1})
		if told {
			p = c.patience()
		}
		if err != nil && (!errs.Is(err, errs.Compacted) || !p.pause(ctx, err)) {
			return err
		}
	}
}

// follow watches from a position until Event says that it is over; told says whether there were events.
func (c *Client) follow(ctx context.Context, f Follow, from *controlv1.Position) (told bool, err error) {
	request := proto.CloneOf(f.Filter)
	err = c.Retry(ctx, func(alive func()) error {
		request.From = from
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		events, err := controlv1.NewClusterServiceClient(c).WatchEvents(ctx, request)
		if err != nil {
			return err
		}
		for {
			event, err := events.Recv()
			if err != nil {
				return broken(err)
			}
			alive()
			from, told = event.GetNext(), true
			if f.Event(event) {
				return nil
			}
		}
	})
	return told, err
}

// broken says that a stream without an end ended: its server stops.
func broken(err error) error {
	if errors.Is(err, io.EOF) {
		return errs.New(errs.Unavailable, "the server ended the stream")
	}
	return err
}
