package explanation

import (
	"fmt"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/scheduler"
)

// otherNodes mentions the nodes that are here and take nothing, if another node could help the run: those out of
// service, and those that wait for an operator.
func (s Source) otherNodes(e *Explanation, kind scheduler.WaitKind) {
	switch kind {
	case scheduler.WaitNoNodes,
		scheduler.WaitNoRoom,
		scheduler.WaitArchitecture,
		scheduler.WaitRelease,
		scheduler.WaitTooLarge:
	default:
		return
	}
	s.outOfService(e)
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
