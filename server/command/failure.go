package command

import (
	"fmt"
	"strings"

	"github.com/headrace/headrace/fsm/state"
)

// describe says how a worker ended, for people.
func describe(exit state.Exit) string {
	said := ""
	if exit.Message != "" {
		said = ": " + exit.Message
	}
	switch exit.Reason {
	case state.ExitOutOfMemory:
		return fmt.Sprintf("used more memory than it holds (peak %d bytes)%s", exit.PeakBytes, said)
	case state.ExitNodeLost:
		return "was on a node that was lost" + said
	case state.ExitStartRefused:
		return "was not started" + said
	case state.ExitDisappeared:
		return "disappeared" + said
	case state.ExitFileNotFound:
		return "needs a file that cannot be fetched" + said
	case state.ExitStopped:
		return "was stopped" + said
	}
	if exit.Code > 128 {
		return fmt.Sprintf("was ended by signal %d%s", exit.Code-128, said)
	}
	return fmt.Sprintf("ended with exit code %d%s", exit.Code, said)
}

// failureKind classifies how a worker ended, from its reason and the end of its stderr.
func failureKind(exit state.Exit) state.FailureKind {
	switch exit.Reason {
	case state.ExitOutOfMemory:
		return state.FailedOutOfMemory
	case state.ExitNodeLost, state.ExitDisappeared, state.ExitStopped:
		return state.FailedLostNode
	case state.ExitStartRefused:
		return state.FailedStartRefused
	case state.ExitFileNotFound:
		return state.FailedFileNotFound
	}
	return failureSaid(exit.Message)
}

// failureSaid reads a kind from the end of stderr.
func failureSaid(stderr string) state.FailureKind {
	for _, sign := range []struct {
		text string
		kind state.FailureKind
	}{
		{"java.lang.OutOfMemoryError", state.FailedOutOfMemory},
		{"ModuleNotFoundError", state.FailedModuleNotFound},
		{"AccessDenied", state.FailedAccessDenied},
		{"Access Denied", state.FailedAccessDenied},
		{"java.io.FileNotFoundException", state.FailedFileNotFound},
	} {
		if strings.Contains(stderr, sign.text) {
			return sign.kind
		}
	}
	return state.FailedUserError
}
