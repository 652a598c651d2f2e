package wire

import (
	"github.com/headrace/headrace/fsm/state"
	eventv1 "github.com/headrace/headrace/proto/headrace/event/v1"
)

// Shape makes the message of what a run's workers look like.
func Shape(s state.Shape) *eventv1.Shape {
	return &eventv1.Shape{
		DriverType:     eventv1.WorkerType(s.Driver),
		DriverSize:     Size(s.DriverSize),
		WorkerType:     eventv1.WorkerType(s.Worker),
		WorkerSize:     Size(s.WorkerSize),
		InitialWorkers: s.Initial,
		MinimumWorkers: s.Minimum,
		MaximumWorkers: s.Maximum,
		BatchSize:      s.Batch,
		Paced:          s.Paced,
	}
}

// ShapeOf reads what a run's workers look like.
func ShapeOf(m *eventv1.Shape) state.Shape {
	return state.Shape{
		Driver:     state.WorkerType(m.GetDriverType()),
		DriverSize: SizeOf(m.GetDriverSize()),
		Worker:     state.WorkerType(m.GetWorkerType()),
		WorkerSize: SizeOf(m.GetWorkerSize()),
		Initial:    m.GetInitialWorkers(),
		Minimum:    m.GetMinimumWorkers(),
		Maximum:    m.GetMaximumWorkers(),
		Batch:      m.GetBatchSize(),
		Paced:      m.GetPaced(),
	}
}
