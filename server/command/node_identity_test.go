package command_test

import (
	"testing"
	"time"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/server/command"
)

// proved is a node that registers under a name, with the certificate of a name that was issued on a day.
func proved(id, name, certificate string, day int) *command.RegisterNode {
	c := node(id, "a")
	c.Node.Name = name
	if certificate != "" {
		c.Node.Certificate = state.NodeCertificate{
			Name:   certificate,
			SHA256: certificate + "-of-day",
			Issued: time.Date(2026, 1, day, 0, 0, 0, 0, time.UTC),
		}
	}
	return c
}

// fresh is a world without nodes.
func fresh(t *testing.T) *world {
	w := newWorld(t)
	for _, id := range []string{"n1", "n2", "n3"} {
		if w.view.Node(id) != nil {
			w.given(&command.LoseNode{Node: id}, &command.ForgetNode{IDOrName: id})
		}
	}
	return w
}

func TestRegisterNode_ACertificateServesItsOwnNode(t *testing.T) {
	w := fresh(t)
	w.refuses(proved("a", "n-1", "n-2", 1), errs.Forbidden,
		`cannot register node "n-1": the certificate is for node "n-2"`)
	w.then(proved("a", "n-1", "n-1", 1), "NodeRegistered", "NodeJoined")
	w.refuses(proved("a", "n-2", "n-2", 1), errs.Forbidden,
		`that id belongs to the certificate of "n-1", and this one is for "n-2"`)
	w.refuses(proved("a", "n-1", "", 0), errs.Forbidden, `a belongs to the one of "n-1"`)
	w.refuses(proved("a", "n-2", "", 0), errs.Forbidden, `a belongs to the one of "n-1"`)
	w.given(&command.LoseNode{Node: "a"})
	w.refuses(proved("a", "n-2", "n-2", 1), errs.Forbidden, `that id belongs to the certificate of "n-1"`)
	w.refuses(proved("b", "n-1", "", 0), errs.Forbidden, "without a certificate")
}

func TestRegisterNode_ARenewedCertificateEndsTheUseOfTheLast(t *testing.T) {
	w := fresh(t)
	w.given(proved("a", "n-1", "n-1", 1))
	w.then(proved("a", "n-1", "n-1", 9), "NodeRegistered")
	w.refuses(proved("a", "n-1", "n-1", 1), errs.Forbidden,
		"its certificate of 2026-01-01T00:00:00Z was replaced by one of 2026-01-09T00:00:00Z")
	w.given(&command.LoseNode{Node: "a"})
	w.refuses(proved("b", "n-1", "n-1", 1), errs.Forbidden, "was replaced")
	w.then(proved("a", "n-1", "n-1", 9), "NodeRegistered")
}

// A machine with a new disk has a new id and the certificate that it had. It takes its own place once nobody is there
// any more.
func TestRegisterNode_AReplacedMachineTakesItsPlaceWhenTheOldOneIsLost(t *testing.T) {
	w := fresh(t)
	w.given(proved("a", "n-1", "n-1", 1))
	w.refuses(proved("b", "n-1", "n-1", 1), errs.Conflict, `cannot register node "n-1" as b: it is here as a`)
	w.given(&command.LoseNode{Node: "a"})
	w.then(proved("b", "n-1", "n-1", 1), "NodeForgotten", "NodeRegistered", "NodeJoined")
	w.refuses(proved("a", "n-1", "n-1", 1), errs.Conflict, "it is here as b")
	if n := w.view.CountNodes(); n != 1 {
		t.Errorf("a certificate has %d nodes", n)
	}
}

// Workers that were to outlive their node's lease may still run where nobody sees them.
func TestRegisterNode_DoesNotTakeThePlaceOfANodeWhoseWorkersMayGoOn(t *testing.T) {
	w := newWorld(t)
	w.runs("kept", 0, keep)
	w.given(&command.LoseNode{Node: "n1"})
	w.refuses(proved("b", "n1", "", 0), errs.WrongState, "headrace node forget n1")
	w.given(&command.ForgetNode{IDOrName: "n1"})
	w.then(proved("b", "n1", "", 0), "NodeRegistered", "NodeJoined")
}

func TestRegisterNode_AForgottenNodeFreesItsNameAndId(t *testing.T) {
	w := fresh(t)
	w.given(proved("a", "n-1", "n-1", 9), &command.LoseNode{Node: "a"}, &command.ForgetNode{IDOrName: "n-1"})
	w.then(proved("a", "n-2", "n-2", 1), "NodeRegistered", "NodeJoined")
	w.then(proved("b", "n-1", "n-1", 1), "NodeRegistered", "NodeJoined")
}

// TLS is switched on later: a node belongs to the first certificate of its name, and to no other.
func TestRegisterNode_ANodeWithoutCertificateBelongsToTheFirstOfItsName(t *testing.T) {
	w := fresh(t)
	w.given(proved("a", "n-1", "", 0), proved("b", "n-2", "", 0))
	joined := w.view.Node("a").Joined
	w.refuses(proved("a", "n-2", "n-2", 1), errs.Forbidden,
		`that id belongs to node "n-1", and the certificate is for "n-2"`)
	w.then(proved("a", "n-1", "n-1", 1), "NodeRegistered")
	w.refuses(proved("a", "n-1", "", 0), errs.Forbidden, "without a certificate")
	if row := w.view.Node("a"); row.Certificate.Name != "n-1" || row.Joined != joined {
		t.Errorf("the node is %+v", row)
	}
}

// Without certificates a node has the name that it says, as long as no other one that is here has it.
func TestRegisterNode_WithoutCertificatesANodeMayTakeAnotherName(t *testing.T) {
	w := fresh(t)
	w.given(proved("a", "n-1", "", 0), proved("b", "n-2", "", 0))
	w.refuses(proved("a", "n-2", "", 0), errs.Conflict, "it is here as b")
	w.given(&command.LoseNode{Node: "b"})
	w.then(proved("a", "n-2", "", 0), "NodeForgotten", "NodeRegistered")
}

func TestRegisterNode_ThereAreOnlySoManyNodes(t *testing.T) {
	w := fresh(t)
	w.limits.Nodes = 2
	w.given(node("n1", "a"), node("n2", "a"))
	w.refuses(node("n3", "a"), errs.TooLarge, "the cluster has 2 nodes, and the most is 2")
	w.then(node("n1", "a"))
	w.given(&command.LoseNode{Node: "n2"})
	w.refuses(node("n3", "a"), errs.TooLarge, "headrace node forget")
	w.then(proved("n4", "n2", "", 0), "NodeForgotten", "NodeRegistered", "NodeJoined") // it takes the place of one
}
