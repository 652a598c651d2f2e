package control

import (
	"context"
	"time"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/grpcerr"
	peerv1 "github.com/headrace/headrace/proto/headrace/peer/v1"
	"github.com/headrace/headrace/server/dispatch"
)

// Bounds of the data streams that users read from nodes. A node has 64, for all servers and the pages of user interfaces, too.
const (
	maxData  = 4096
	dataEach = 8 // of one client on one node
)

// takeData takes a place for a client's data stream of a node.
func (c *Control) takeData(client, node string) (leave func(), err error) {
	if leave = c.dataReads.Take(client + "\x00" + node); leave == nil {
		return nil, errs.New(errs.Overloaded, "cannot read from node %s now: this server reads %d streams of it for this client, or %d of all nodes for all; "+
			"end one first", node, dataEach, maxData)
	}
	return leave, nil
}

// Data gives use a Data stream of a node until use returns: the leader asks the agent to dial this server. It ends with ctx, and
// when the node is lost.
func (c *Control) Data(ctx context.Context, node string, use func(dispatch.DataStream) error) error {
	ctx, cancel := context.WithCancel(ctx)
	watched := make(chan struct{})
	go func() { defer close(watched); c.cancelWhenLost(ctx, node, cancel) }()
	defer func() { cancel(); <-watched }()
	return c.cfg.Dispatch.WithData(ctx, node, c.askForData, use)
}

// cancelWhenLost ends the use of a node that was lost: a machine that is cut off does not end its streams.
func (c *Control) cancelWhenLost(ctx context.Context, id string, cancel func()) {
	ticker := time.NewTicker(logPause)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			if node := c.cfg.Door.View().Node(id); node == nil || node.State != state.NodeReady {
				cancel()
			}
		}
	}
}

// askForData has the agent open a stream to this server; only the leader can reach it.
func (c *Control) askForData(ctx context.Context, node, ticket, server string) error {
	if c.cfg.Door.IsLeader() {
		return c.cfg.Dispatch.Ask(node, ticket, server)
	}
	leader, err := c.cfg.Members.Leader()
	if err != nil {
		return err
	}
	_, err = peerv1.NewPeerServiceClient(leader).OpenData(ctx, &peerv1.OpenDataRequest{NodeId: node, Ticket: ticket, ServerAddress: server})
	return grpcerr.FromStatus(err)
}
