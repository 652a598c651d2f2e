package control

import (
	"context"
	"strings"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/label"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
	"github.com/headrace/headrace/server/caller"
	"github.com/headrace/headrace/server/command"
	"github.com/headrace/headrace/server/control/message"
	"github.com/headrace/headrace/server/control/paging"
)

// nodes implements NodeService.
type nodes struct {
	controlv1.UnimplementedNodeServiceServer
	*Control
}

// GetNode returns one node with its workers.
func (n *nodes) GetNode(ctx context.Context, r *controlv1.GetNodeRequest) (*controlv1.GetNodeResponse, error) {
	view, err := n.router.Read(ctx, r.GetStale())
	if err != nil {
		return nil, err
	}
	row := view.NodeNamed(r.GetNodeId())
	if row == nil {
		return nil, errs.New(errs.NotFound, "there is no node %q", r.GetNodeId())
	}
	answer := &controlv1.GetNodeResponse{Node: n.shown(view, row), Record: view.Sequence}
	for w := range view.LiveWorkersOfNode(row.ID) {
		answer.Workers = append(answer.Workers, message.Worker(view, w))
	}
	return answer, nil
}

// ListNodes returns nodes by zone and name.
func (n *nodes) ListNodes(ctx context.Context, r *controlv1.ListNodesRequest) (*controlv1.ListNodesResponse, error) {
	page, err := paging.Asked(r, 1000)
	if err != nil {
		return nil, err
	}
	where, err := label.ParseAll("constraints", r.GetConstraints())
	if err != nil {
		return nil, err
	}
	view, err := n.router.Read(ctx, r.GetStale())
	if err != nil {
		return nil, err
	}
	meets := label.SetOf(where...)
	rows, next := paging.Cut(
		page,
		view.NodesByName(page.After),
		func(row *state.Node) bool { return wantedNode(r, row) && meets.Holds(row.Labelled()) },
		state.NodeSortKey,
		func(row *state.Node) *controlv1.Node { return n.shown(view, row) },
	)
	return &controlv1.ListNodesResponse{Nodes: rows, NextToken: next, Record: view.Sequence}, nil
}

func wantedNode(r *controlv1.ListNodesRequest, row *state.Node) bool {
	return (r.GetZone() == "" || row.Zone == r.GetZone()) && (r.GetName() == "" || row.Name == r.GetName()) &&
		strings.HasPrefix(row.ID, r.GetIdPrefix())
}

// shown is a node with when the leader last heard of it, if this server leads.
func (n *nodes) shown(view *state.View, row *state.Node) *controlv1.Node {
	m := message.Node(view, row)
	m.LastHeardAt = message.Time(n.cfg.Dispatch.LastHeard(row.ID))
	return m
}

// ApproveNode accepts a node that is held back.
func (n *nodes) ApproveNode(
	ctx context.Context,
	r *controlv1.ApproveNodeRequest,
) (*controlv1.ApproveNodeResponse, error) {
	approve := &command.ApproveNode{
		IDOrName:   r.GetNodeId(),
		SHA256:     fingerprint(r.GetCertificateSha256()),
		ApprovedBy: caller.Of(ctx).User,
	}
	view, record, err := n.execute(ctx, approve.Decide)
	if err != nil {
		return nil, err
	}
	answer := &controlv1.ApproveNodeResponse{Record: record}
	if row := view.NodeNamed(r.GetNodeId()); row != nil { // else it was forgotten since
		answer.Node = n.shown(view, row)
	}
	return answer, nil
}

// fingerprint reads a SHA-256 as tools print it, in upper case and with colons, or as it is kept.
func fingerprint(sha256 string) string { return strings.ToLower(strings.ReplaceAll(sha256, ":", "")) }

// ForgetNode removes a lost node, or one that was never approved. It takes as many steps as what is on the node needs:
// each step ends at least one worker, and such a node gets none.
func (n *nodes) ForgetNode(
	ctx context.Context,
	r *controlv1.ForgetNodeRequest,
) (*controlv1.ForgetNodeResponse, error) {
	forget := &command.ForgetNode{IDOrName: r.GetNodeId(), By: caller.Of(ctx).User, More: true}
	for forget.More {
		if _, _, err := n.execute(ctx, forget.Decide); err != nil {
			return nil, err
		}
	}
	return &controlv1.ForgetNodeResponse{}, nil
}
