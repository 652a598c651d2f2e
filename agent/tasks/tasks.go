package tasks

import (
	"context"
	"sync"
)

// Group is the tasks of one room. Its zero value has none. Its methods may be called by many goroutines.
type Group struct {
	mu      sync.Mutex
	early   []func(context.Context)     // handed in before Run
	begin   func(func(context.Context)) // begins a task; nil: Run does not run
	running int
	idle    *sync.Cond // on mu; told when a task has ended
}

// Go begins a task, which is to return soon after its context ends: at once while Run runs, and with Run if it is
// handed in before. After Run has returned it begins nothing: the owner ends a room only after those that use it.
func (g *Group) Go(task func(ctx context.Context)) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.begin == nil {
		g.early = append(g.early, task)
		return
	}
	g.begin(task)
}

// Run gives all tasks its context, and returns when that has ended and all of them have. It is called once.
func (g *Group) Run(ctx context.Context) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.idle = sync.NewCond(&g.mu)
	g.begin = func(task func(context.Context)) {
		g.running++
		go func() {
			defer g.end()
			task(ctx)
		}()
	}
	for _, task := range g.early {
		g.begin(task)
	}
	g.mu.Unlock()
	<-ctx.Done()
	g.mu.Lock()
	for g.running > 0 { // what still runs may begin more
		g.idle.Wait()
	}
	g.begin = func(func(context.Context)) {}
	return nil
}

// end notes the end of a task.
func (g *Group) end() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.running--
	g.idle.Signal()
}
