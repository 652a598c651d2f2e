package state

import "github.com/headrace/headrace/internal/resource"

// Engine is what an application runs. The numbers are those of the event log.
type Engine int32

// The engines.
const (
	EngineSpark   Engine = 1
	EngineHive    Engine = 2
	EngineProcess Engine = 3
)

// String returns the engine's name.
func (e Engine) String() string { return name(e, "", "SPARK", "HIVE", "PROCESS") }

// WorkerType is the part that a worker plays. The numbers are those of the event log.
type WorkerType int32

// The types of worker.
const (
	TypeDriver     WorkerType = 1
	TypeExecutor   WorkerType = 2
	TypeHiveDriver WorkerType = 3
	TypeTezTask    WorkerType = 4
	TypeTask       WorkerType = 5
)

// String returns the type's name.
func (t WorkerType) String() string {
	return name(t, "", "DRIVER", "EXECUTOR", "HIVE_DRIVER", "TEZ_TASK", "TASK")
}

// FailureKind says what made something fail. The numbers are those of the event log.
type FailureKind int32

// The kinds of failure.
const (
	FailedUserError      FailureKind = 1
	FailedOutOfMemory    FailureKind = 2
	FailedLostNode       FailureKind = 3
	FailedCapacity       FailureKind = 4
	FailedStartRefused   FailureKind = 5
	FailedFileNotFound   FailureKind = 6
	FailedWorkersDying   FailureKind = 7
	FailedTimeout        FailureKind = 8
	FailedCancelled      FailureKind = 9
	FailedAccessDenied   FailureKind = 10
	FailedModuleNotFound FailureKind = 11
	FailedOutOfDisk      FailureKind = 12
	FailedNodeDrained    FailureKind = 13 // such an attempt does not count for the retry policy
)

// String returns the kind's name.
func (k FailureKind) String() string {
	return name(k, "", "USER_ERROR", "OUT_OF_MEMORY", "LOST_NODE", "CAPACITY", "START_REFUSED", "FILE_NOT_FOUND",
		"WORKERS_DYING", "TIMEOUT", "CANCELLED", "ACCESS_DENIED", "MODULE_NOT_FOUND", "OUT_OF_DISK", "NODE_DRAINED")
}

// Failure says why something failed. The zero value is no failure.
type Failure struct {
	Kind    FailureKind
	Message string
}

// Size is what one worker holds.
type Size = resource.Size

// name returns the n-th name; a number without a name is a broken invariant.
func name[N ~int32](n N, names ...string) string { return names[n] }
