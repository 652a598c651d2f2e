package wire

import (
	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/resource"
	eventv1 "github.com/headrace/headrace/proto/headrace/event/v1"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
)

// Vector makes the message of an amount of resources.
func Vector(v resource.Vector) *eventv1.Resources {
	return &eventv1.Resources{MilliCpu: v.MilliCPU, MemoryMib: v.MemoryMiB, DiskMib: v.DiskMiB}
}

// VectorOf reads an amount of resources.
func VectorOf(m *eventv1.Resources) resource.Vector {
	return resource.Vector{MilliCPU: m.GetMilliCpu(), MemoryMiB: m.GetMemoryMib(), DiskMiB: m.GetDiskMib()}
}

// Size makes the message of a worker's size.
func Size(s resource.Size) *eventv1.WorkerSize {
	return &eventv1.WorkerSize{Resources: Vector(s.Vector), DiskType: specv1.DiskType(s.Disk)}
}

// SizeOf reads a worker's size.
func SizeOf(m *eventv1.WorkerSize) resource.Size {
	return resource.Size{Vector: VectorOf(m.GetResources()), Disk: resource.DiskType(m.GetDiskType())}
}

// Failure makes the message of a failure; no failure makes none.
func Failure(f state.Failure) *eventv1.Failure {
	if f == (state.Failure{}) {
		return nil
	}
	return &eventv1.Failure{Kind: eventv1.FailureKind(f.Kind), Message: f.Message}
}

// FailureOf reads a failure.
func FailureOf(m *eventv1.Failure) state.Failure {
	return state.Failure{Kind: state.FailureKind(m.GetKind()), Message: m.GetMessage()}
}

// Exit makes the message of a worker's end.
func Exit(e state.Exit) *eventv1.Exit {
	return &eventv1.Exit{
		Reason:          eventv1.ExitReason(e.Reason),
		Code:            e.Code,
		Signal:          e.Signal,
		Message:         e.Message,
		PeakMemoryBytes: e.PeakBytes,
	}
}

// ExitOf reads a worker's end.
func ExitOf(m *eventv1.Exit) state.Exit {
	return state.Exit{
		Reason:    state.ExitReason(m.GetReason()),
		Code:      m.GetCode(),
		Signal:    m.GetSignal(),
		Message:   m.GetMessage(),
		PeakBytes: m.GetPeakMemoryBytes(),
	}
}
