package wire

import (
	"testing"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/resource"
	eventv1 "github.com/headrace/headrace/proto/headrace/event/v1"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
)

func TestValues_KeepEverything(t *testing.T) {
	size := resource.Size{
		Vector: resource.Vector{MilliCPU: 1, MemoryMiB: 2, DiskMiB: 3},
		Disk:   resource.DiskShuffleOptimized,
	}
	shape := state.Shape{
		Driver:     state.TypeDriver,
		DriverSize: size,
		Worker:     state.TypeTask,
		WorkerSize: size,
		Initial:    1,
		Minimum:    2,
		Maximum:    3,
		Batch:      4,
		Paced:      true,
	}
	exit := state.Exit{Reason: state.ExitOutOfMemory, Code: 1, Message: "m", PeakBytes: 2}
	failure := state.Failure{Kind: state.FailedTimeout, Message: "m"}
	if ShapeOf(Shape(shape)) != shape || ExitOf(Exit(exit)) != exit || FailureOf(Failure(failure)) != failure ||
		FailureOf(Failure(state.Failure{})) != (state.Failure{}) {
		t.Error("a value is lost")
	}
	if DisksOf(Disks(false)) || !DisksOf(Disks(true)) {
		t.Error("a type of disk is lost, or made up")
	}
}

// The numbers of the state are those of the log, and every one of them has the log's name.
func TestNames_AreThoseOfTheLog(t *testing.T) {
	for enum, name := range map[protoreflect.Enum]func(n int32) string{
		eventv1.JobRunState(0):      func(n int32) string { return state.JobRunState(n).String() },
		eventv1.AttemptState(0):     func(n int32) string { return state.AttemptState(n).String() },
		eventv1.ApplicationState(0): func(n int32) string { return state.ApplicationState(n).String() },
		eventv1.WorkerType(0):       func(n int32) string { return state.WorkerType(n).String() },
		eventv1.FailureKind(0):      func(n int32) string { return state.FailureKind(n).String() },
		eventv1.ExitReason(0):       func(n int32) string { return state.ExitReason(n).String() },
		specv1.Engine(0):            func(n int32) string { return state.Engine(n).String() },
	} {
		values := enum.Descriptor().Values()
		prefix := len(values.ByNumber(0).Name()) - len("UNSPECIFIED")
		for i := 1; i < values.Len(); i++ {
			if v := values.Get(i); name(int32(v.Number())) != string(v.Name())[prefix:] {
				t.Errorf("%s is %q in the state", v.Name(), name(int32(v.Number())))
			}
		}
	}
}
