package command

import (
	"github.com/headrace/headrace/fsm"
	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/errs"
	eventv1 "github.com/headrace/headrace/proto/headrace/event/v1"
)

// legacy is what a node takes over from those of its name.
type legacy struct {
	heldBack bool         // it has to wait for an operator
	cordon   state.Cordon // a machine that comes back under another id is still the one that an operator works on
}

// replace forgets the lost nodes of the same name, so that a name, and a certificate, has one node. The node that
// replaces them need not wait for an operator if its certificate proves that it replaces a node that was approved.
func (c *RegisterNode) replace(d *fsm.Draft, limits Limits) legacy {
	last := legacy{heldBack: limits.ApproveNodes}
	for other := range c.namesakes(d.View()) {
		if other.Certificate.Name != "" {
			last.heldBack = other.HeldBack
		}
		if other.Cordoned() {
			last.cordon = other.Cordon
		}
		d.Add(&eventv1.NodeForgotten{NodeId: other.ID})
	}
	return last
}

// join adds a node that the cluster does not know.
func (c *RegisterNode) join(d *fsm.Draft, limits Limits, last legacy) error {
	if n := d.View().CountNodes(); n >= limits.Nodes {
		return errs.New(errs.TooLarge,
			"cannot register node %q: the cluster has %d nodes, and the most is %d; forget lost ones: headrace node "+
				"forget NODE",
			c.Node.Name, n, limits.Nodes)
	}
	d.Add(registered(&c.Node))
	d.Add(&eventv1.NodeJoined{NodeId: c.Node.ID, Name: c.Node.Name, HeldBack: last.heldBack})
	if last.cordon != (state.Cordon{}) {
		d.Add(&eventv1.NodeCordoned{NodeId: c.Node.ID, Reason: last.cordon.Reason, CordonedBy: last.cordon.By})
	}
	return nil
}

// ApproveNode accepts a node that is held back.
type ApproveNode struct {
	IDOrName   string
	SHA256     string // of the certificate that the operator looked at; empty: whichever the node has
	ApprovedBy string
}

// Decide approves the node; if it is approved already, nothing changes. If it is lost meanwhile, it gets work once it
// is back.
func (c *ApproveNode) Decide(view *state.View, meta Meta) ([]*eventv1.Event, error) {
	node := view.NodeNamed(c.IDOrName)
	if node == nil {
		return nil, errs.New(errs.NotFound, "there is no node %q; `headrace node list` shows those there are",
			c.IDOrName)
	}
	if has := node.Certificate.SHA256; c.SHA256 != "" && c.SHA256 != has {
		return nil, errs.New(errs.WrongState,
			"cannot approve node %s: its certificate has the SHA-256 %q, not %.80q; look at it again: headrace node "+
				"get %s",
			node.Name, has, c.SHA256, node.ID)
	}
	if !node.HeldBack {
		return nil, nil
	}
	d := draft(view, meta)
	d.Add(&eventv1.NodeApproved{NodeId: node.ID, ApprovedBy: c.ApprovedBy})
	return d.Events(), nil
}
