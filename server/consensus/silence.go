package consensus

import (
	"context"
	"errors"
	"sync"
)

// errClosed is why a server that leaves in an orderly way is silent.
var errClosed = errors.New("this server has left")

// silence is what a server falls into when it gives up, for whatever reason. From then on it leads nobody and says
// nothing to the others, so that they replace it, and who waits for it is told so. Raft itself may not notice: it
// stands still while its disk hangs, and its heartbeats go on.
type silence struct {
	once  sync.Once
	began chan struct{}
	cause error // why; valid when began is closed
}

func newSilence() silence { return silence{began: make(chan struct{})} }

// fell says whether this server is silent.
func (s *silence) fell() bool {
	select {
	case <-s.began:
		return true
	default:
		return false
	}
}

// fallSilent makes this server silent; the first cause counts.
func (c *Consensus) fallSilent(cause error) (err error) {
	c.silence.once.Do(func() {
		c.silence.cause = cause
		close(c.silence.began)
		c.leadingTerm.Store(0)
		err = closeTransport(c.transport)
	})
	return err
}

// AwaitSilence waits until this server gives up and returns why, before Run has ended all of it; what this server
// serves is to end at once. Its error is nil when ctx ends, or when this server leaves in an orderly way.
func (c *Consensus) AwaitSilence(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return nil
	case <-c.silence.began:
	}
	if errors.Is(c.silence.cause, errClosed) {
		return nil
	}
	return c.silence.cause
}

// unlessSilent waits for what Raft is asked, but no longer than this server speaks: Raft may never answer then.
func (c *Consensus) unlessSilent(ask func() error) error {
	answered := make(chan error, 1)
	go func() { answered <- ask() }()
	select {
	case err := <-answered:
		return err
	case <-c.silence.began:
		return c.silence.cause
	}
}
