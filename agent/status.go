package agent

import (
	"strings"

	"github.com/headrace/headrace/agent/runtime"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
)

// maxMessage is the longest message of a status, in bytes.
const maxMessage = 4 << 10

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

// endedStatus returns the status of a worker that has ended, with its last words, which say no more than the exit when it was
// refused.
func endedStatus(id string, epoch uint32, exit runtime.Exit, words []byte) *agentv1.WorkerStatus {
	message := exit.Message
	said := strings.TrimSpace(string(words))
	if faulty := exit.Code != 0 && exit.Reason != runtime.Stopped; faulty && said != "" && said != strings.TrimSpace(message) {
		message = strings.TrimPrefix(message+"\n"+string(words), "\n")
	}
	return &agentv1.WorkerStatus{
		WorkerId: id, Epoch: epoch, Phase: agentv1.Phase_PHASE_ENDED, ExitReason: exitReasons[exit.Reason], ExitCode: exit.Code,
		Message: bounded(message), PeakMemoryBytes: exit.PeakMemoryBytes,
	}
}

// bounded returns a message that fits: its end, which says more than its beginning.
func bounded(message string) string {
	message = strings.ToValidUTF8(message, "?")
	if len(message) <= maxMessage {
		return message
	}
	return strings.ToValidUTF8(message[len(message)-maxMessage:], "")
}

// exitOf returns how a worker ended that its engine could not prepare.
func exitOf(err *StartError) runtime.Exit {
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
