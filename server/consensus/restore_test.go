package consensus

import (
	"bytes"
	"testing"

	"github.com/headrace/headrace/fsm"
	"github.com/headrace/headrace/fsm/state"
)

// restore makes a machine hold a state.
func restore(t *testing.T, machine *fsm.Machine, view *state.View) {
	t.Helper()
	var file bytes.Buffer
	must(t, fsm.WriteSnapshot(&file, view))
	must(t, machine.Restore(&file))
}
