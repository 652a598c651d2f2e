package dev

import (
	"context"
	"errors"
	"sync"
)

// group is children that are started and stopped together.
type group struct {
	stop  context.CancelFunc
	tasks sync.WaitGroup

	mu     sync.Mutex
	failed error
}

// start starts children. If one cannot be started at all, it ends the others, and calls gone.
func start(ctx, killed context.Context, children []*child, gone func()) *group {
	ctx, stop := context.WithCancel(ctx)
	g := &group{stop: stop}
	for _, c := range children {
		g.tasks.Go(func() {
			if err := c.run(ctx, killed); err != nil {
				g.mu.Lock()
				g.failed = errors.Join(g.failed, err)
				g.mu.Unlock()
				gone()
			}
		})
	}
	return g
}

// end stops the children, waits for them, and returns why one could not be started.
func (g *group) end() error {
	g.stop()
	g.tasks.Wait()
	return g.failed
}
