package history

import "github.com/headrace/headrace/agent/runtime"

// Runtime is what histories need of what holds workers. *runtime.Runtime and its twin in memory are ones.
type Runtime interface {
	// MakeHome makes the home of a process.
	MakeHome(id string, options runtime.HomeOptions) (*runtime.Home, error)
	// Start starts a process.
	Start(spec runtime.Spec) (runtime.Worker, error)
	// Listens says whether it is that process that listens at a port of 127.0.0.1.
	Listens(id string, port int) (bool, error)
	// Tail returns the end of a log.
	Tail(id, stream string, n int64) []byte
	// Discard ends a process and removes everything of it.
	Discard(w runtime.Worker) error
	// RemoveDir removes everything of a process that was never started.
	RemoveDir(id string) error
}
