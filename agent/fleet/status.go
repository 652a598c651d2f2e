package fleet

import (
	"strings"

	"github.com/headrace/headrace/agent/engine"
	"github.com/headrace/headrace/agent/outbox"
	"github.com/headrace/headrace/agent/runtime"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
)

// exitReasons say on the wire how a worker ended.
var exitReasons = map[runtime.Reason]agentv1.ExitReason{
	runtime.Exited:       agentv1.ExitReason_EXIT_REASON_EXITED,
	runtime.Stopped:      agentv1.ExitReason_EXIT_REASON_STOPPED,
	runtime.OutOfMemory:  agentv1.ExitReason_EXIT_REASON_OUT_OF_MEMORY,
	runtime.StartRefused: agentv1.ExitReason_EXIT_REASON_START_REFUSED,
	runtime.Disappeared:  agentv1.ExitReason_EXIT_REASON_DISAPPEARED,
	runtime.FileNotFound: agentv1.ExitReason_EXIT_REASON_FILE_NOT_FOUND,
	runtime.LeaseEnded:   agentv1.ExitReason_EXIT_REASON_LEASE_ENDED,
	runtime.OutOfDisk:    agentv1.ExitReason_EXIT_REASON_OUT_OF_DISK,
	runtime.AccessDenied: agentv1.ExitReason_EXIT_REASON_ACCESS_DENIED,
}

// statusIn returns the status of a worker in a phase before its end.
func statusIn(phase agentv1.Phase, a *agentv1.AssignedWorker) *agentv1.WorkerStatus {
	return &agentv1.WorkerStatus{WorkerId: a.GetWorkerId(), Epoch: a.GetEpoch(), Phase: phase}
}

// endedStatus returns the status of a worker that has ended, with its last words unless the exit says the same: a
// refusal is in the log of its worker, too.
func endedStatus(id string, epoch uint32, exit runtime.Exit, words []byte) *agentv1.WorkerStatus {
	message := exit.Message
	said := strings.TrimSpace(string(words))
	faulty := exit.Code != 0 && exit.Reason != runtime.Stopped
	if faulty && said != "" && said != strings.TrimSpace(message) {
		message = strings.TrimPrefix(message+"\n"+string(words), "\n")
	}
	starved := int64(0)
	if exit.Starved {
		starved = max(exit.PeakMemoryBytes, 1)
	}
	return &agentv1.WorkerStatus{
		WorkerId:        id,
		Epoch:           epoch,
		StarvedBytes:    starved,
		Phase:           agentv1.Phase_PHASE_ENDED,
		ExitReason:      exitReasons[exit.Reason],
		ExitCode:        exit.Code,
		ExitSignal:      exit.Signal,
		Message:         outbox.Bounded(message),
		PeakMemoryBytes: exit.PeakMemoryBytes,
	}
}

// exitOf returns the end of a worker that its engine could not prepare.
func exitOf(err *engine.StartError) runtime.Exit {
	reason := runtime.StartRefused
	switch err.Reason {
	case agentv1.ExitReason_EXIT_REASON_FILE_NOT_FOUND:
		reason = runtime.FileNotFound
	case agentv1.ExitReason_EXIT_REASON_ACCESS_DENIED:
		reason = runtime.AccessDenied
	default:
	}
	return runtime.Exit{Reason: reason, Code: 127, Message: err.Message}
}
