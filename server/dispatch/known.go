package dispatch

import (
	"context"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/errs"
)

// admit checks that a call comes from a node and that this node may make it. This server's view may be older than the
// leader's: if the server does not find something in it, it looks again in the cluster's newest state.
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
		return errs.New(errs.Overloaded,
			"cannot look for what this server does not know: more than %d such calls a second; try again",
			looksPerSecond)
	}
	view, err := d.cfg.Fresh(ctx)
	if err != nil {
		return err
	}
	return look(view)
}

// working checks that a node may be given something.
func working(_ *state.View, node *state.Node) error {
	if node.HeldBack {
		return errs.New(errs.Forbidden,
			"cannot give node %s anything: an operator has yet to approve it: headrace node approve %s",
			node.Name, node.Name)
	}
	return nil
}
