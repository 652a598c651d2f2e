package command

import (
	"time"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/errs"
	eventv1 "github.com/headrace/headrace/proto/headrace/event/v1"
)

// namedNode returns the node that somebody names.
func namedNode(view *state.View, idOrName string) (*state.Node, error) {
	if node := view.NodeNamed(idOrName); node != nil {
		return node, nil
	}
	return nil, errs.New(errs.NotFound, "there is no node %q; `headrace node list` shows those there are", idOrName)
}

// CordonNode has a node take nothing new.
type CordonNode struct {
	IDOrName, Reason, By string
}

// Decide cordons the node. One that is cordoned with this reason stays as it is.
func (c *CordonNode) Decide(view *state.View, meta Meta) ([]*eventv1.Event, error) {
	node, err := namedNode(view, c.IDOrName)
	if err != nil || node.Cordoned() && node.Cordon.Reason == c.Reason {
		return nil, err
	}
	d := draft(view, meta)
	d.Add(&eventv1.NodeCordoned{NodeId: node.ID, Reason: c.Reason, CordonedBy: c.By})
	return d.Events(), nil
}

// UncordonNode has a node take work again, whatever keeps it out of service.
type UncordonNode struct {
	IDOrName, By string
}

// Decide ends the node's cordon and its drain, and forgets how it failed. One with nothing of these stays as it is.
func (c *UncordonNode) Decide(view *state.View, meta Meta) ([]*eventv1.Event, error) {
	node, err := namedNode(view, c.IDOrName)
	if err != nil || !node.Cordoned() && !node.SetAside() && !node.Doubtful() {
		return nil, err
	}
	d := draft(view, meta)
	d.Add(&eventv1.NodeUncordoned{NodeId: node.ID, UncordonedBy: c.By})
	return d.Events(), nil
}

// DrainNode has a node become empty. AdvanceDrain does it.
type DrainNode struct {
	IDOrName, Reason, By string
	Within               time.Duration // what is left then is stopped
	StopDrivers          bool          // drivers and tasks are stopped before that, not waited for
}

// Decide begins the drain, or changes the one that goes on.
func (c *DrainNode) Decide(view *state.View, meta Meta) ([]*eventv1.Event, error) {
	node, err := namedNode(view, c.IDOrName)
	if err != nil {
		return nil, err
	}
	d := draft(view, meta)
	d.Add(&eventv1.NodeDrainBegun{
		NodeId:           node.ID,
		Reason:           c.Reason,
		BegunBy:          c.By,
		DeadlineUnixNano: state.Nano(meta.Now.Add(c.Within)),
		StopDrivers:      c.StopDrivers,
	})
	return d.Events(), nil
}

// CancelDrain ends a drain that is not through.
type CancelDrain struct {
	IDOrName, By string
}

// Decide ends the drain. The node stays cordoned.
func (c *CancelDrain) Decide(view *state.View, meta Meta) ([]*eventv1.Event, error) {
	node, err := namedNode(view, c.IDOrName)
	if err != nil {
		return nil, err
	}
	if !node.Draining() {
		return nil, errs.New(errs.WrongState,
			"cannot cancel the drain of node %s: it is %s; `headrace node uncordon %s` gives it work again",
			node.Name, node.Service(), node.Name)
	}
	d := draft(view, meta)
	d.Add(&eventv1.NodeDrainCancelled{NodeId: node.ID, CancelledBy: c.By})
	return d.Events(), nil
}
