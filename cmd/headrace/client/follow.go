package client

import (
	"context"
	"errors"
	"io"

	"google.golang.org/protobuf/proto"

	"github.com/headrace/headrace/internal/errs"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
)

// Follow is what to follow: how to read the state, and which events change it.
type Follow struct {
	// Filter selects the events. Client.Follow sets its From.
	Filter *controlv1.WatchEventsRequest
	// Read reads the state. It returns the record up to which the state is true, and whether the wait is over. It is
	// called first, again if events were missed, and once more after Event returned true.
	Read func(ctx context.Context) (record uint64, done bool, err error)
	// Event is called with every event after the record that Read returned, once each and in order. It returns true for
	// the event that ends the wait.
	Event func(*controlv1.WatchEventsResponse) (ended bool)
}

// Follow waits until Read returns done. Between two reads it waits for events; if the servers no longer keep some of
// them, it reads again.
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
			from = event.GetNext()
			told = true
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
