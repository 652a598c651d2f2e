package fleet

import (
	"time"

	"github.com/headrace/headrace/agent/runtime"
)

// Runtime is what the fleet needs of what holds workers. *runtime.Runtime and its twin in memory are such.
type Runtime interface {
	// Adopt finds the workers that an earlier agent left.
	Adopt() ([]runtime.Worker, error)
	// Unconfirmed says whether a worker took over a process and perhaps never began.
	Unconfirmed(id string) bool
	// Discard ends a process and removes everything of it.
	Discard(w runtime.Worker) error

	// MakeHome makes a worker's directory and its home, and Home returns the home later.
	MakeHome(id string, options runtime.HomeOptions) (*runtime.Home, error)
	Home(id string) (*runtime.Home, error)
	// Start starts a worker whose home was made.
	Start(spec runtime.Spec) (runtime.Worker, error)

	// MakeDir makes a worker's directory, in which Keep keeps what Kept returns.
	MakeDir(id string) error
	Keep(id, name string, content []byte) error
	Kept(id, name string) ([]byte, error)
	// RecordEnd records the end of a worker that never ran, and RecordRefusal that of one that could not be started.
	RecordEnd(id string, exit runtime.Exit) error
	RecordRefusal(spec runtime.Spec, exit runtime.Exit) error
	// Forget says that the server knows a worker's end. Removed says whether its directory is gone since, and when it
	// went.
	Forget(id string) error
	Removed(id string) (removed bool, since time.Time)

	// Tail returns the end of a log, and LogsDir the folder of a worker's logs; empty: they are in none.
	Tail(id, stream string, n int64) []byte
	LogsDir(id string) string
}
