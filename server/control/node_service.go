package control

import (
	"context"
	"time"

	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/printable"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
	"github.com/headrace/headrace/server/caller"
	"github.com/headrace/headrace/server/command"
	"github.com/headrace/headrace/server/consensus"
)

// The bounds of what operators say of a node.
const (
	maxServiceReason = 200 // bytes
	maxDrain         = 30 * 24 * time.Hour
)

// checkReason holds that a reason can stand in one line of everybody's terminal.
func checkReason(reason string) error {
	if len(reason) > maxServiceReason {
		return errs.Field("reason", "it has %d bytes; the most is %d", len(reason), maxServiceReason)
	}
	if problem := printable.Check(reason); problem != "" {
		return errs.Field("reason", "%s", problem)
	}
	return nil
}

// CordonNode has a node take nothing new.
func (n *nodes) CordonNode(
	ctx context.Context, r *controlv1.CordonNodeRequest,
) (*controlv1.CordonNodeResponse, error) {
	if err := checkReason(r.GetReason()); err != nil {
		return nil, err
	}
	cordon := &command.CordonNode{IDOrName: r.GetNodeId(), Reason: r.GetReason(), By: caller.Of(ctx).User}
	node, record, err := n.serve(ctx, r.GetNodeId(), cordon.Decide)
	return &controlv1.CordonNodeResponse{Node: node, Record: record}, err
}

// UncordonNode has a node take work again.
func (n *nodes) UncordonNode(
	ctx context.Context, r *controlv1.UncordonNodeRequest,
) (*controlv1.UncordonNodeResponse, error) {
	uncordon := &command.UncordonNode{IDOrName: r.GetNodeId(), By: caller.Of(ctx).User}
	node, record, err := n.serve(ctx, r.GetNodeId(), uncordon.Decide)
	return &controlv1.UncordonNodeResponse{Node: node, Record: record}, err
}

// DrainNode has a node become empty. The leader's placement does it.
func (n *nodes) DrainNode(ctx context.Context, r *controlv1.DrainNodeRequest) (*controlv1.DrainNodeResponse, error) {
	if err := checkReason(r.GetReason()); err != nil {
		return nil, err
	}
	if within := r.GetDeadlineSeconds(); within < 0 || within > int64(maxDrain/time.Second) {
		return nil, errs.Field("deadline_seconds", "it is %d; 0 to %d are possible", within, maxDrain/time.Second)
	}
	drain := &command.DrainNode{
		IDOrName:    r.GetNodeId(),
		Reason:      r.GetReason(),
		By:          caller.Of(ctx).User,
		Within:      time.Duration(r.GetDeadlineSeconds()) * time.Second,
		StopDrivers: r.GetStopDrivers(),
	}
	node, record, err := n.serve(ctx, r.GetNodeId(), drain.Decide)
	return &controlv1.DrainNodeResponse{Node: node, Record: record}, err
}

// CancelDrain ends a drain that is not through.
func (n *nodes) CancelDrain(
	ctx context.Context, r *controlv1.CancelDrainRequest,
) (*controlv1.CancelDrainResponse, error) {
	cancel := &command.CancelDrain{IDOrName: r.GetNodeId(), By: caller.Of(ctx).User}
	node, record, err := n.serve(ctx, r.GetNodeId(), cancel.Decide)
	return &controlv1.CancelDrainResponse{Node: node, Record: record}, err
}

// serve decides something of a node's service, and returns the node as it is then; nil if it was forgotten since.
func (n *nodes) serve(
	ctx context.Context, idOrName string, decide consensus.Decision,
) (node *controlv1.Node, record uint64, err error) {
	view, record, err := n.execute(ctx, decide)
	if err != nil {
		return nil, 0, err
	}
	if row := view.NodeNamed(idOrName); row != nil {
		node = n.shown(view, row)
	}
	return node, record, nil
}
