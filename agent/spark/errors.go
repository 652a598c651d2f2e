package spark

import (
	"errors"
	"fmt"
	"io/fs"

	"github.com/headrace/headrace/agent/engine"
	"github.com/headrace/headrace/internal/errs"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
)

// refused says that the node cannot start a worker.
func refused(format string, args ...any) error {
	return engine.Cannot(agentv1.ExitReason_EXIT_REASON_START_REFUSED, format, args...)
}

// denied says that a file which the program needs is where it may not be read.
func denied(format string, args ...any) error {
	return engine.Cannot(agentv1.ExitReason_EXIT_REASON_ACCESS_DENIED, format, args...)
}

// unreadable says that a file which the program needs cannot be read, and why.
func unreadable(err error, format string, args ...any) error {
	what := fmt.Sprintf(format, args...)
	if errors.Is(err, fs.ErrPermission) {
		return denied("%s: the worker's user may not read it", what)
	}
	if known := new(errs.Error); errors.As(err, &known) {
		return notFound("%s: %v", what, err)
	}
	return notFound("%s", what)
}

// notFound says that a file which the program needs is not there.
func notFound(format string, args ...any) error {
	return engine.Cannot(agentv1.ExitReason_EXIT_REASON_FILE_NOT_FOUND, format, args...)
}

// unusable says that a file which the program names cannot be used, on this node as on any other.
func unusable(format string, args ...any) error {
	return engine.Cannot(agentv1.ExitReason_EXIT_REASON_FILE_NOT_FOUND, format, args...)
}
