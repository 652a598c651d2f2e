package memory

import (
	"context"
	"sync"

	"github.com/headrace/headrace/agent/engine"
	"github.com/headrace/headrace/agent/runtime"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
)

// Engine is an engine for any kind of program: it prepares nothing, and Script learns from it what a worker was
// assigned. Its methods may be called by many goroutines.
type Engine struct {
	mu       sync.Mutex
	assigned map[string]*assigned
}

var _ engine.Engine = (*Engine)(nil)

// assigned is what a worker is to know.
type assigned struct {
	newest  *agentv1.AssignedWorker
	changed chan struct{} // closed when there is something newer
}

// NewEngine returns an engine without workers.
func NewEngine() *Engine { return &Engine{assigned: map[string]*assigned{}} }

// Assigned returns what a worker was assigned, from what it is started with.
func Assigned(spec runtime.Spec) *agentv1.AssignedWorker {
	a, _ := spec.Handover.(*agentv1.AssignedWorker)
	return a
}

// Newest returns what the agent was told of a worker last, and a channel that is closed when it is told something else;
// nil: the engine has no such worker.
func (e *Engine) Newest(id string) (newest *agentv1.AssignedWorker, changed <-chan struct{}) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if known := e.assigned[id]; known != nil {
		return known.newest, known.changed
	}
	return nil, nil
}

// Prepare returns a command that says nothing but what was assigned.
func (e *Engine) Prepare(_ context.Context, w *agentv1.AssignedWorker, _ *runtime.Home) (runtime.Command, error) {
	e.note(w)
	return runtime.Command{Args: []string{"/memory"}, Handover: w}, nil
}

// Attach notes what was assigned.
func (e *Engine) Attach(w *agentv1.AssignedWorker, _ *runtime.Home) error {
	e.note(w)
	return nil
}

// Update notes what was assigned.
func (e *Engine) Update(w *agentv1.AssignedWorker) { e.note(w) }

// Detach forgets a worker.
func (e *Engine) Detach(id string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	delete(e.assigned, id)
}

func (e *Engine) note(w *agentv1.AssignedWorker) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if known := e.assigned[w.GetWorkerId()]; known != nil {
		close(known.changed)
	}
	e.assigned[w.GetWorkerId()] = &assigned{newest: w, changed: make(chan struct{})}
}
