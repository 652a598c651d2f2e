package dispatch

import (
	"strings"
	"unicode/utf8"

	"github.com/headrace/headrace/fsm/state"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
	"github.com/headrace/headrace/server/command"
)

// maxMessage bounds what a node says of a worker's end, in bytes: it goes into the log.
const maxMessage = 4 << 10

// exitReasons maps what agents observe to what the log says. A worker that was stopped at its lease's end went with its node's
// connection.
var exitReasons = map[agentv1.ExitReason]state.ExitReason{
	agentv1.ExitReason_EXIT_REASON_UNSPECIFIED:    state.ExitDisappeared,
	agentv1.ExitReason_EXIT_REASON_EXITED:         state.ExitExited,
	agentv1.ExitReason_EXIT_REASON_STOPPED:        state.ExitStopped,
	agentv1.ExitReason_EXIT_REASON_OUT_OF_MEMORY:  state.ExitOutOfMemory,
	agentv1.ExitReason_EXIT_REASON_START_REFUSED:  state.ExitStartRefused,
	agentv1.ExitReason_EXIT_REASON_DISAPPEARED:    state.ExitDisappeared,
	agentv1.ExitReason_EXIT_REASON_FILE_NOT_FOUND: state.ExitFileNotFound,
	agentv1.ExitReason_EXIT_REASON_LEASE_ENDED:    state.ExitNodeLost,
}

func statusesOf(reports []*agentv1.WorkerStatus) []command.WorkerStatus {
	statuses := make([]command.WorkerStatus, 0, len(reports))
	for _, r := range reports {
		statuses = append(statuses, statusOf(r))
	}
	return statuses
}

func statusOf(r *agentv1.WorkerStatus) command.WorkerStatus {
	status := command.WorkerStatus{WorkerID: r.GetWorkerId(), Epoch: r.GetEpoch(), Running: r.GetPhase() == agentv1.Phase_PHASE_RUNNING}
	if r.GetPhase() == agentv1.Phase_PHASE_ENDED {
		reason, known := exitReasons[r.GetExitReason()]
		if !known {
			reason = state.ExitDisappeared
		}
		status.Exit = &state.Exit{Reason: reason, Code: r.GetExitCode(), Message: clean(r.GetMessage()), PeakBytes: r.GetPeakMemoryBytes()}
	}
	return status
}

// clean keeps the end of a message, as valid text.
func clean(message string) string {
	message = strings.ToValidUTF8(message, "�")
	if len(message) <= maxMessage {
		return message
	}
	message = message[len(message)-maxMessage:]
	for len(message) > 0 && !utf8.RuneStart(message[0]) {
		message = message[1:]
	}
	return message
}
