package cli

import (
	"testing"

	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
)

func TestA7_OnlyASignalIsShownAsOne(t *testing.T) {
	for want, w := range map[string]*controlv1.Worker{
		"EXITED 255":                   {ExitReason: "EXITED", ExitCode: 255},
		"EXITED by signal 9 (SIGKILL)": {ExitReason: "EXITED", ExitCode: 137, ExitSignal: 9},
	} {
		if got := exit(w); got != want {
			t.Errorf("it is %q, not %q", got, want)
		}
	}
}
