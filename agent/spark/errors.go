package spark

import (
	"fmt"

	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"

	"github.com/headrace/headrace/agent"
)

// refused says that the node cannot start a worker.
func refused(format string, args ...any) error {
	return &agent.StartError{Reason: agentv1.ExitReason_EXIT_REASON_START_REFUSED, Message: fmt.Sprintf(format, args...)}
}

// denied says that a file which the program needs is where it may not be read.
func denied(format string, args ...any) error {
	return &agent.StartError{Reason: agentv1.ExitReason_EXIT_REASON_ACCESS_DENIED, Message: fmt.Sprintf(format, args...)}
}

// notFound says that a file which the program needs is not there.
func notFound(format string, args ...any) error {
	return &agent.StartError{Reason: agentv1.ExitReason_EXIT_REASON_FILE_NOT_FOUND, Message: fmt.Sprintf(format, args...)}
}
