package agent

import (
	"context"

	"github.com/headrace/headrace/agent/runtime"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
)

// Engine prepares and accompanies the workers of one kind of program. Its methods may be called by many goroutines, but only by
// one at a time for one worker, in the order Prepare, Attach, Update..., Detach. After a restart of the agent an adopted worker
// begins with Attach.
type Engine interface {
	// Prepare makes what the worker needs in its home, which is empty, and returns its command, with paths as the worker sees them. In
	// Work the engine's own files belong into OwnFolder: people are shown their text, without secrets. It may be called again for the
	// same worker, with another home, when the agent died in between. Its errors are *StartError; another one counts as a refusal to
	// start.
	Prepare(ctx context.Context, w *agentv1.AssignedWorker, home *runtime.Home) (runtime.Command, error)
	// Attach is called once when a worker runs or was adopted. The home lacks Work: it is the worker's alone now.
	Attach(w *agentv1.AssignedWorker, home *runtime.Home) error
	// Update is called when the assignment of an attached worker changed, such as by an ended peer.
	Update(w *agentv1.AssignedWorker)
	// Detach is called once when a worker ended that was prepared or attached, also when the preparation failed.
	Detach(workerID string)
}

// Runtimes is an Engine that knows what its workers can run on. It is asked before every session: it answers at once, from what
// it found out before.
type Runtimes interface {
	// Runtimes returns the major versions of Java that workers can have, and the version of the Python that they have unless they
	// bring one; nil and empty: none.
	Runtimes() (java []uint32, python string)
}

// Engines are the engines that an agent has. A nil engine refuses to start its workers. One that is an io.Closer is closed at the
// end of Run, when nobody calls it any more.
type Engines struct {
	Spark   Engine // SparkDriver and SparkExecutor
	Process Engine // ProcessProgram; see NewProcessEngine
}

// StartError says why a worker cannot start on this node.
type StartError struct {
	Reason  agentv1.ExitReason // START_REFUSED, FILE_NOT_FOUND or ACCESS_DENIED
	Message string             // what could not be done, with the file or the numbers
}

// Error returns the message.
func (e *StartError) Error() string { return e.Message }

// engineOf returns the engine of a worker's program. Neither is there for a worker that only holds its slot.
func (e Engines) engineOf(w *agentv1.AssignedWorker) (engine Engine, known bool) {
	switch w.GetProgram().(type) {
	case *agentv1.AssignedWorker_SparkDriver, *agentv1.AssignedWorker_SparkExecutor:
		return e.Spark, e.Spark != nil
	case *agentv1.AssignedWorker_Process:
		return e.Process, e.Process != nil
	}
	return nil, false
}
