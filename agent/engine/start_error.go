package engine

import (
	"fmt"

	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
)

// StartError says why a worker cannot start on this node.
type StartError struct {
	Reason  agentv1.ExitReason // START_REFUSED, FILE_NOT_FOUND or ACCESS_DENIED
	Message string             // what could not be done, with the file or the numbers
}

// Error returns the message.
func (e *StartError) Error() string { return e.Message }

// Cannot returns a StartError.
func Cannot(reason agentv1.ExitReason, format string, args ...any) error {
	return &StartError{Reason: reason, Message: fmt.Sprintf(format, args...)}
}
