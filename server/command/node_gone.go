package command

import (
	"fmt"
	"slices"

	"github.com/headrace/headrace/fsm"
	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/errs"
	eventv1 "github.com/headrace/headrace/proto/headrace/event/v1"
)

// LoseNode takes that a node's lease ran out.
type LoseNode struct {
	Node, Reason string
}

// Decide ends the node's workers, but not those that are to go on without a lease. They end first, so that a lost node never
// holds a slot, not even between two events.
func (c *LoseNode) Decide(view *state.View, meta Meta) ([]*eventv1.Event, error) {
	node := view.Node(c.Node)
	if node == nil || node.State == state.NodeLost {
		return nil, nil
	}
	d := fsm.NewDraft(view, meta.Now)
	endWorkersOf(d, meta.Limits, node, c.Reason, func(run *state.JobRun) bool { return !run.Submission.Keep })
	releaseSlots(d, slices.Collect(d.View().PoolOfNode(node.ID)), "its node was lost")
	d.Add(&eventv1.NodeLost{NodeId: c.Node, Reason: c.Reason})
	return d.Events(), nil
}

func endWorkersOf(d *fsm.Draft, limits Limits, node *state.Node, reason string, of func(*state.JobRun) bool) {
	exit := state.Exit{Reason: state.ExitNodeLost, Message: fmt.Sprintf("node %s in zone %s: %s", node.Name, node.Zone, reason)}
	for _, worker := range slices.Collect(d.View().LiveWorkersOfNode(node.ID)) {
		if of(d.View().JobRun(worker.Run)) {
			endWorker(d, limits, worker, exit)
		}
	}
}

// ForgetNode removes a lost node, or one that is held back. Its name and its id are free again.
type ForgetNode struct {
	IDOrName string
	By       string // who asks for it
}

// Decide removes it, with the workers that were to go on without a lease.
func (c *ForgetNode) Decide(view *state.View, meta Meta) ([]*eventv1.Event, error) {
	node := view.NodeNamed(c.IDOrName)
	if node == nil {
		return nil, errs.New(errs.NotFound, "there is no node %q", c.IDOrName)
	}
	if node.Here() && !node.HeldBack {
		return nil, errs.New(errs.WrongState, "cannot forget node %s: it is %s; stop its agent first", node.Name, node.State)
	}
	d := fsm.NewDraft(view, meta.Now)
	endWorkersOf(d, meta.Limits, node, "the node was forgotten", func(*state.JobRun) bool { return true })
	d.Add(&eventv1.NodeForgotten{NodeId: node.ID, ForgottenBy: c.By})
	return d.Events(), nil
}
