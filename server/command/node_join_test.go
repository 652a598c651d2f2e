package command_test

import (
	"testing"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/server/command"
)

func TestApproveNode_ANodeThatIsHeldBackIsGivenNothing(t *testing.T) {
	w := fresh(t)
	w.limits.ApproveNodes = true
	joins := proved("a", "n-1", "n-1", 1)
	w.then(joins, "NodeRegistered", "NodeJoined")
	if row := w.view.Node("a"); !joins.HeldBack || row.State != state.NodeNotApproved || row.StateDetails == "" {
		t.Errorf("the node is %+v, held back: %t", row, joins.HeldBack)
	}
	w.given(submit("run", 0))
	w.refuses(place("run", 1, "a"), errs.Refused, "")
	w.refuses(&command.ApproveNode{IDOrName: "n-2"}, errs.NotFound, `"n-2"`)
	w.refuses(&command.ApproveNode{IDOrName: "n-1", SHA256: "another"}, errs.WrongState, "look at it again")
	w.then(&command.ApproveNode{IDOrName: "n-1", SHA256: "n-1-of-day", ApprovedBy: "ann"}, "NodeApproved")
	w.then(&command.ApproveNode{IDOrName: "n-1"})
	w.then(place("run", 1, "a"), "AttemptScheduled", "WorkersPlaced")
}

// Being approved outlives the agent's restart, a lost lease and a new disk; being held back does, too, and the setting.
func TestApproveNode_StaysAsItWasDecided(t *testing.T) {
	w := fresh(t)
	w.limits.ApproveNodes = true
	w.given(proved("a", "n-1", "n-1", 1), proved("b", "n-2", "n-2", 1), &command.ApproveNode{IDOrName: "a"})
	w.limits.ApproveNodes = false
	w.then(proved("b", "n-2", "n-2", 2), "NodeRegistered")
	w.limits.ApproveNodes = true
	for id, node := range map[string]string{"a2": "n-1", "b2": "n-2"} {
		w.given(&command.LoseNode{Node: w.view.NodeNamed(node).ID})
		w.then(proved(id, node, node, 3), "NodeForgotten", "NodeRegistered", "NodeJoined")
	}
	if a, b := w.view.Node("a2"), w.view.Node("b2"); a.State != state.NodeReady || b.State != state.NodeNotApproved {
		t.Errorf("the node that was approved is %s, the other one %s", a.State, b.State)
	}
	w.given(&command.LoseNode{Node: "b2"})
	w.then(&command.ApproveNode{IDOrName: "b2"}, "NodeApproved")
	if b := w.view.Node("b2"); b.State != state.NodeLost || b.HeldBack {
		t.Errorf("a node that was lost is %+v", b)
	}
	w.then(proved("b2", "n-2", "n-2", 3), "NodeRegistered")
}

// Without a certificate nothing proves that a new id is the node that was approved.
func TestApproveNode_IsNotInheritedByName(t *testing.T) {
	w := fresh(t)
	w.limits.ApproveNodes = true
	w.given(proved("a", "n-1", "", 0), &command.ApproveNode{IDOrName: "a"}, &command.LoseNode{Node: "a"})
	joins := proved("b", "n-1", "", 0)
	w.given(joins)
	if !joins.HeldBack {
		t.Error("a node was approved because of its name")
	}
}

// Who was never approved is sent away also while it is here.
func TestForgetNode_OfOneThatIsHeldBack(t *testing.T) {
	w := fresh(t)
	w.limits.ApproveNodes = true
	w.given(proved("a", "n-1", "n-1", 1))
	w.then(&command.ForgetNode{IDOrName: "n-1"}, "NodeForgotten")
	w.given(proved("a", "n-1", "n-1", 1), &command.ApproveNode{IDOrName: "a"})
	w.refuses(&command.ForgetNode{IDOrName: "n-1"}, errs.WrongState, "stop its agent first")
}
