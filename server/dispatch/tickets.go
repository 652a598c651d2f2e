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

// tickets matches Data streams with those who wait for them. A ticket is 128 random bits and is used once.
type tickets struct {
	mu      sync.Mutex
	waiting map[string]*ticket
}

type ticket struct {
	arrived chan DataStream
	done    chan struct{} // closed when the stream is no longer used
	finish  func()        // closes done, once
}

func newTickets() *tickets { return &tickets{waiting: map[string]*ticket{}} }

// issue makes a ticket. The caller must call release.
func (t *tickets) issue() (string, *ticket) {
	name := rand.Text()
	done := make(chan struct{})
	issued := &ticket{arrived: make(chan DataStream, 1), done: done, finish: sync.OnceFunc(func() { close(done) })}
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

// hand gives a stream to the one who waits for it, and returns when it is no longer used.
func (t *tickets) hand(name string, stream DataStream) error {
	t.mu.Lock()
	issued, ok := t.waiting[name]
	delete(t.waiting, name)
	t.mu.Unlock()
	if !ok {
		return errs.New(errs.NotFound, "nobody waits for this data stream")
	}
	issued.arrived <- stream
	select {
	case <-issued.done:
	case <-stream.Context().Done():
	}
	return nil
}

// wait returns the stream when the agent has dialled.
func (issued *ticket) wait(ctx context.Context, node string) (DataStream, error) {
	timer := time.NewTimer(ticketTime)
	defer timer.Stop()
	select {
	case stream := <-issued.arrived:
		return stream, nil
	case <-timer.C:
		return nil, errs.New(errs.Unavailable, "cannot read from node %s: its agent did not answer within %s", node, ticketTime)
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
