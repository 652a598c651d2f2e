package engine

import (
	"context"

	"github.com/headrace/headrace/agent/runtime"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
)

// OwnFolder is the folder in a worker's working directory where an engine writes what it makes itself: the text of
// files there is shown to people, that of other files is the user's.
const OwnFolder = ".headrace"

// Engine prepares and accompanies the workers of one kind of program. Its methods may be called by many goroutines, but
// only by one at a time for one worker, in the order Prepare, Attach, Update..., Detach. After a restart of the agent
// an adopted worker begins with Attach.
type Engine interface {
	// Prepare makes what the worker needs in its home, which is empty, and returns its command, with paths as the
	// worker sees them. In Work the engine's own files belong into OwnFolder: people are shown their text, without
	// secrets. It may be called again for the same worker, with another home, when the agent died in between. Its
	// errors are *StartError; any other error counts as a refusal to start.
	Prepare(ctx context.Context, w *agentv1.AssignedWorker, home *runtime.Home) (runtime.Command, error)
	// Attach is called once when a worker runs or was adopted. The home lacks Work: it is the worker's alone now.
	Attach(w *agentv1.AssignedWorker, home *runtime.Home) error
	// Update is called when the assignment of an attached worker changed, such as by an ended peer.
	Update(w *agentv1.AssignedWorker)
	// Detach is called once when a worker that was prepared or attached has ended, also if its preparation failed.
	Detach(workerID string)
}

// Runtimes is an Engine that knows what its workers can run on. It is asked before every session: it answers at once,
// from what it found out before.
type Runtimes interface {
	// Runtimes returns the major versions of Java that workers can have, and the version of the Python that they have
	// unless they bring one; nil and empty: none.
	Runtimes() (java []uint32, python string)
}

// UserInterfaces is an Engine whose drivers show people what they do, on pages of their own.
type UserInterfaces interface {
	// UserInterface returns the port of this machine's loopback at which a driver says that its pages are. Its error is
	// Unavailable when there are none yet, or none any more, and WrongState when there will be none.
	UserInterface(workerID string) (port int, err error)
	// History makes what a process needs in its home to show the event log in a folder, which it only reads, at a port
	// of this machine's loopback, and returns its command.
	History(
		ctx context.Context, shown *agentv1.History, home *runtime.Home, events string, port int,
	) (runtime.Command, error)
}
