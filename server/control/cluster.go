package control

import (
	"context"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/resource"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
	"github.com/headrace/headrace/server/control/message"
)

// cluster implements ClusterService.
type cluster struct {
	controlv1.UnimplementedClusterServiceServer
	*Control
}

// GetClusterStatus returns what this server knows, so it also answers without a leader.
func (c *cluster) GetClusterStatus(
	ctx context.Context,
	_ *controlv1.GetClusterStatusRequest,
) (*controlv1.GetClusterStatusResponse, error) {
	view := c.cfg.Door.View()
	status := &controlv1.GetClusterStatusResponse{
		ClusterId:       view.ID,
		Servers:         c.cfg.Members.List(ctx),
		AnsweredBy:      c.cfg.Members.ID(),
		Term:            c.cfg.Door.Term(),
		Record:          view.Sequence,
		RefusedPlans:    c.cfg.Placement.Refused(),
		CaughtPanics:    c.cfg.Panics.Count(),
		PlannerRebuilds: c.cfg.Placement.Rebuilds(),
	}
	for range view.Unfinished("") {
		status.UnfinishedRuns++
	}
	for range view.Slots() {
		status.LiveWorkers++
	}
	countNodes(view, status)
	return status, nil
}

// RemoveServer takes a server's vote.
func (c *cluster) RemoveServer(
	ctx context.Context,
	r *controlv1.RemoveServerRequest,
) (*controlv1.RemoveServerResponse, error) {
	if r.GetServerId() == "" {
		return nil, errs.Field("server_id", "name the server: `headrace cluster status` shows them")
	}
	if err := c.cfg.Members.Remove(ctx, r.GetServerId(), r.GetForce()); err != nil {
		return nil, err
	}
	return &controlv1.RemoveServerResponse{ServerId: r.GetServerId()}, nil
}

// countNodes counts nodes by what can be given to them, and what the ready ones have and use.
func countNodes(view *state.View, status *controlv1.GetClusterStatusResponse) {
	var capacity, used resource.Vector
	for n := range view.Nodes() {
		switch n.State {
		case state.NodeLost, state.NodeLosing:
			status.NodesLost++
			continue
		case state.NodeNotApproved:
			status.NodesNotApproved++
			continue
		}
		status.NodesReady++
		if n.Isolation == state.IsolationNone {
			status.NodesNotIsolated++
		}
		capacity = capacity.Add(n.Capacity)
		used = used.Add(view.UsedOfNode(n.ID))
	}
	status.Capacity = message.Resources(capacity)
	status.Used = message.Resources(used)
}
