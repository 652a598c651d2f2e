package engine

import (
	"errors"
	"io"

	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
)

// Engines are the engines that an agent has. A nil engine refuses to start its workers. An engine that is an io.Closer
// is closed at the end of the agent's Run, when nobody calls it any more.
type Engines struct {
	Spark   Engine // SparkDriver and SparkExecutor
	Process Engine // ProcessProgram; see package process
}

// Of returns the engine of a worker's program. There is none for a worker that only holds its slot.
func (e Engines) Of(w *agentv1.AssignedWorker) (engine Engine, known bool) {
	switch w.GetProgram().(type) {
	case *agentv1.AssignedWorker_SparkDriver, *agentv1.AssignedWorker_SparkExecutor:
		return e.Spark, e.Spark != nil
	case *agentv1.AssignedWorker_Process:
		return e.Process, e.Process != nil
	}
	return nil, false
}

// Runtimes returns what workers can run on, as far as an engine knows.
func (e Engines) Runtimes() (java []uint32, python string) {
	if engine, knows := e.Spark.(Runtimes); knows {
		return engine.Runtimes()
	}
	return nil, ""
}

// Close closes the engines that are io.Closers.
func (e Engines) Close() (err error) {
	for _, engine := range []Engine{e.Spark, e.Process} {
		if closer, ok := engine.(io.Closer); ok {
			err = errors.Join(err, closer.Close())
		}
	}
	return err
}
