package dispatch

import (
	"testing"

	"github.com/headrace/headrace/fsm/state"
)

// A driver's log says what killed an executor.
func TestA17_DriversHearWhichSignalEndedAnExecutor(t *testing.T) {
	for want, exit := range map[string]state.Exit{
		"EXITED by signal 9 (SIGKILL)": {Reason: state.ExitExited, Code: 137, Signal: 9},
		"EXITED":                       {Reason: state.ExitExited, Code: 137},
	} {
		if got := endOf(exit); got != want {
			t.Errorf("%+v is told as %q, not %q", exit, got, want)
		}
	}
}
