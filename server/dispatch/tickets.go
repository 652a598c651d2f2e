package dispatch

import (
	"context"
	"crypto/rand"
	"sync"
	"time"

	"google.golang.org/grpc"

	"github.com/headrace/headrace/internal/errs"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
)

// DataStream is a Data stream that an agent has dialled.
type DataStream = grpc.BidiStreamingServer[agentv1.DataRequest, agentv1.DataResponse]

// ticketTime is how long an agent has to dial.
const ticketTime = 10 * time.Second

// tickets matches Data streams with the callers that wait for them. A ticket is 128 random bits, and is used once, by
// the node that was asked.
type tickets struct {
	mu      sync.Mutex
	waiting map[string]*ticket
}

type ticket struct {
	node    string // that was asked
	arrived chan DataStream
	done    chan struct{} // closed when the stream is no longer used
	finish  func()        // closes done, once
}

func newTickets() *tickets { return &tickets{waiting: map[string]*ticket{}} }

// issue makes a ticket. The caller must call release.
func (t *tickets) issue(node string) (string, *ticket) {
	name := rand.Text()
	done := make(chan struct{})
	issued := &ticket{
		node:    node,
		arrived: make(chan DataStream, 1),
		done:    done,
		finish:  sync.OnceFunc(func() { close(done) }),
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.waiting[name] = issued
	return name, issued
}

// release ends the use of a ticket's stream.
func (t *tickets) release(name string, issued *ticket) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.waiting, name)
	issued.finish()
}

// hand gives a node's stream to the caller that waits for it, and returns when it is no longer used.
func (t *tickets) hand(name, node string, stream DataStream) error {
	issued, err := t.take(name, node)
	if err != nil {
		return err
	}
	issued.arrived <- stream
	select {
	case <-issued.done:
	case <-stream.Context().Done():
	}
	return nil
}

// take uses up a node's ticket; one of another node stays as it is.
func (t *tickets) take(name, node string) (*ticket, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	issued := t.waiting[name]
	switch {
	case issued == nil:
		return nil, errs.New(errs.NotFound, "nobody waits for this data stream")
	case issued.node != node:
		return nil, errs.New(errs.Forbidden,
			"cannot open a data stream of another node with its ticket: node %s was asked, not %s", issued.node, node)
	}
	delete(t.waiting, name)
	return issued, nil
}

// wait returns the stream when the agent has dialled.
func (issued *ticket) wait(ctx context.Context, node string) (DataStream, error) {
	timer := time.NewTimer(ticketTime)
	defer timer.Stop()
	select {
	case stream := <-issued.arrived:
		return stream, nil
	case <-timer.C:
		return nil, errs.New(errs.Unavailable,
			"cannot read from node %s: its agent did not answer within %s", node, ticketTime)
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
