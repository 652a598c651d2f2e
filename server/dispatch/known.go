package dispatch

import (
	"context"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/errs"
)

// admit holds that a call comes from a node and that this node may make it. A server may know too little, as its view may be behind
// the leader's: what it does not find it looks for again in the cluster's newest state.
func (d *Dispatch) admit(ctx context.Context, may func(*state.View, *state.Node) error) error {
	c, err := callerOf(ctx)
	if err != nil {
		return err
	}
	look := func(view *state.View) error {
		node, err := c.node(view)
		if err != nil {
			return err
		}
		return may(view, node)
	}
	if err = look(d.cfg.Door.View()); !errs.Is(err, errs.NotFound) || d.cfg.Fresh == nil {
		return err
	}
	if !d.looks.Allow() {
		return errs.New(errs.Overloaded, "cannot look for what this server does not know: more than %d such calls a second; try again", looksPerSecond)
	}
	view, err := d.cfg.Fresh(ctx)
	if err != nil {
		return err
	}
	return look(view)
}

// working holds that a node may be given something.
func working(_ *state.View, node *state.Node) error {
	if node.HeldBack {
		return errs.New(errs.Forbidden, "cannot give node %s anything: an operator has yet to approve it: headrace node approve %s", node.Name, node.Name)
	}
	return nil
}
