package control

import (
	"context"
	"time"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/grpcerr"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
	peerv1 "github.com/headrace/headrace/proto/headrace/peer/v1"
	"github.com/headrace/headrace/server/dispatch"
	"github.com/headrace/headrace/server/logs"
)

// nodeLog reads a log from its node: the leader asks the agent to dial this server.
func (c *Control) nodeLog(w *state.Worker, r *controlv1.ReadLogRequest) func(context.Context, int64, logs.Take) error {
	return func(ctx context.Context, offset int64, take logs.Take) error {
		ctx, cancel := context.WithCancel(ctx)
		watched := make(chan struct{})
		go func() { defer close(watched); c.cancelWhenLost(ctx, w.Node, cancel) }()
		defer func() { cancel(); <-watched }()
		ask := &agentv1.ReadLog{WorkerId: w.ID, Stream: r.GetStream(), Offset: offset, Follow: r.GetFollow()}
		return c.cfg.Dispatch.WithData(ctx, w.Node, c.askForData, func(data dispatch.DataStream) error { return copyLog(data, ask, take) })
	}
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
			if node := c.cfg.Door.View().Node(id); node == nil || node.State == state.NodeLost {
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

// copyLog passes on what a node sends. No error: that is the whole log; NotFound: the node has it not.
func copyLog(data dispatch.DataStream, ask *agentv1.ReadLog, take logs.Take) error {
	if err := data.Send(&agentv1.DataResponse{Message: &agentv1.DataResponse_ReadLog{ReadLog: ask}}); err != nil {
		return errs.New(errs.Unavailable, "its node went away (%v)", err)
	}
	for {
		m, err := data.Recv()
		if err != nil {
			return errs.New(errs.Unavailable, "the log broke off: its node went away; read on from where it ended (%v)", err)
		}
		if end := m.GetLogEnd(); end != nil {
			return logEnd(end)
		}
		if err := take(m.GetLogPart().GetOffset(), m.GetLogPart().GetData()); err != nil {
			return err
		}
	}
}

func logEnd(end *agentv1.LogEnd) error {
	if end.GetError() != "" {
		return errs.New(errs.NotFound, "cannot read the log: %s", end.GetError())
	}
	return nil
}
