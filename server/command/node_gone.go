package command

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/headrace/headrace/fsm"
	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/errs"
	eventv1 "github.com/headrace/headrace/proto/headrace/event/v1"
)

// LoseNode takes the fact that a node's lease is over.
type LoseNode struct {
	Node, Reason string          // no reason: the one that was said when it began to be lost
	Sparing      map[string]bool // workers, by id, whose end cannot be decided: they stay, and so does the last step

	Ending string // the result: the worker whose end was being decided when the decision did not return
	More   bool   // the result: there is more on it than one step ends; it is LOSING, and is to be decided again
}

// Decide ends the node's workers, except those that are to go on without a lease, and releases its slots. This comes
// first, so that a lost node never holds a slot, not even between two events. If one step cannot end all, the node is
// LOSING until the last step.
func (c *LoseNode) Decide(view *state.View, meta Meta) ([]*eventv1.Event, error) {
	node := view.Node(c.Node)
	c.Ending = ""
	c.More = false
	if node == nil || node.State == state.NodeLost {
		return nil, nil
	}
	d := draft(view, meta)
	reason := cmp.Or(c.Reason, node.StateDetails)
	c.More = c.endWorkers(d, meta.Limits, node, reason) ||
		releaseSlots(d, meta.Limits, slices.Collect(d.View().PoolOfNode(node.ID)), "its node was lost")
	switch {
	case !c.More && len(c.Sparing) == 0:
		d.Add(&eventv1.NodeLost{NodeId: c.Node, Reason: reason})
		judge(d, meta, c.Node, blame{kind: state.NodeLostWithWorkers, any: hadWorkers(view, d.View(), node)})
	case node.State == state.NodeReady:
		d.Add(&eventv1.NodeLosing{NodeId: c.Node, Reason: reason})
	}
	return d.Events(), nil
}

// hadWorkers says whether workers were lost with the node.
func hadWorkers(before, after *state.View, node *state.Node) bool {
	for worker := range before.LiveWorkersOfNode(node.ID) {
		if !after.Worker(worker.ID).Live() {
			return true
		}
	}
	return node.State == state.NodeLosing
}

// endWorkers ends the workers that do not go on without a lease, and notes which one it is ending.
func (c *LoseNode) endWorkers(d *fsm.Draft, limits Limits, node *state.Node, reason string) (more bool) {
	more = endWorkersOf(d, limits, node, reason, func(worker *state.Worker) bool {
		c.Ending = worker.ID
		return !c.Sparing[worker.ID] && !d.View().JobRun(worker.Run).Keep()
	})
	c.Ending = ""
	return more
}

// endWorkersOf ends the workers of a node that a condition holds for, and says whether it left some to the next step.
func endWorkersOf(
	d *fsm.Draft, limits Limits, node *state.Node, reason string, of func(*state.Worker) bool,
) (more bool) {
	exit := state.Exit{
		Reason:  state.ExitNodeLost,
		Message: fmt.Sprintf("node %s in zone %s: %s", node.Name, node.Zone, reason),
	}
	for _, worker := range slices.Collect(d.View().LiveWorkersOfNode(node.ID)) {
		if !of(worker) {
			continue
		}
		if d.Full() {
			return true
		}
		endWorker(d, limits, worker, exit)
	}
	return false
}

// ForgetNode removes a node that is lost, or held back. Its name and its id are free again.
type ForgetNode struct {
	IDOrName string
	By       string // who asks for it

	More bool // the result: there is more on it than one step ends; it is to be decided again
}

// Decide removes the node, with the workers that were to go on without a lease.
func (c *ForgetNode) Decide(view *state.View, meta Meta) ([]*eventv1.Event, error) {
	node := view.NodeNamed(c.IDOrName)
	if node == nil {
		return nil, errs.New(errs.NotFound, "there is no node %q", c.IDOrName)
	}
	if node.State != state.NodeLost && !node.HeldBack {
		return nil, errs.New(errs.WrongState, "cannot forget node %s: it is %s; stop its agent first",
			node.Name, node.State)
	}
	d := draft(view, meta)
	all := func(*state.Worker) bool { return true }
	c.More = endWorkersOf(d, meta.Limits, node, "the node was forgotten", all)
	if !c.More {
		d.Add(&eventv1.NodeForgotten{NodeId: node.ID, ForgottenBy: c.By})
	}
	return d.Events(), nil
}
