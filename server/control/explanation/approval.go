package explanation

import (
	"fmt"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/scheduler"
)

// approval mentions the nodes that wait for an operator, if another node could help the run.
func (s Source) approval(e *Explanation, kind scheduler.WaitKind) {
	switch kind {
	case scheduler.WaitNoNodes,
		scheduler.WaitNoRoom,
		scheduler.WaitArchitecture,
		scheduler.WaitRelease,
		scheduler.WaitTooLarge:
	default:
		return
	}
	if n, first := s.notApproved(); n > 0 {
		e.Message += fmt.Sprintf("; nodes that an operator has yet to approve are not used: %d", n)
		e.NextStep += fmt.Sprintf(", or have an operator approve a node that waits: `headrace node approve %s`", first)
	}
}

// notApproved counts the nodes that wait for an operator, and names the first.
func (s Source) notApproved() (n int, first string) {
	for node := range s.View.NodesByName("") {
		if node.State != state.NodeNotApproved {
			continue
		}
		if n++; n == 1 {
			first = node.Name
		}
	}
	return n, first
}
