package engine

import (
	"context"

	"github.com/headrace/headrace/agent/runtime"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
)

// Warmer is an Engine whose processes can be started and rehearsed before there is a run for them.
type Warmer interface {
	Engine
	// Warm fills the home of a process that is to wait in a slot. The process waits for workers like the one that is
	// given: that one says nothing of its own, or was in the slot before. Warm takes long if the node lacks something.
	Warm(ctx context.Context, like *agentv1.AssignedWorker, home *runtime.Home) (Waiting, error)
}

// Waiting is a process that is warmed for a slot. Its methods are called by one goroutine at a time, in this order;
// Close once, at the end.
type Waiting interface {
	// Command returns what to run.
	Command() runtime.Command
	// Ready returns when the process, which runs, has rehearsed and waits to be used; an error when it cannot be.
	Ready(ctx context.Context) error
	// Differs says what a worker needs and the process lacks; empty: the process is what the worker needs. The
	// command is what Prepare returned for the worker.
	Differs(worker runtime.Command) string
	// Begin tells the process to do what the worker's command does, and returns when it begins.
	Begin(ctx context.Context, worker runtime.Command) error
	// Close ends what accompanies the process, not the process.
	Close()
}
