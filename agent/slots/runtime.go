package slots

import "github.com/headrace/headrace/agent/runtime"

// Runtime is what slots need of what holds workers. *runtime.Runtime and its twin in memory are such.
type Runtime interface {
	// MakeHome makes the home of a process that is to wait.
	MakeHome(id string, options runtime.HomeOptions) (*runtime.Home, error)
	// Start starts a process.
	Start(spec runtime.Spec) (runtime.Worker, error)
	// Weigh gives a process its usual weight, or the lowest.
	Weigh(w runtime.Worker, low bool) error
	// SameUser says whether a worker that is about to start belongs to the user of another one.
	SameUser(id string, other runtime.Worker) bool
	// Take makes a process that waits the worker of that id.
	Take(waiting runtime.Worker, spec runtime.Spec) (runtime.Worker, error)
	// Confirm notes that a worker that was taken has begun what it was taken for.
	Confirm(id string) error
	// Discard ends a process and removes everything of it.
	Discard(w runtime.Worker) error
	// RemoveDir removes everything of a process that was never started.
	RemoveDir(id string) error
	// Tail returns the end of a log.
	Tail(id, stream string, n int64) []byte
}
