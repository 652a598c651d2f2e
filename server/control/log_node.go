package control

import (
	"context"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/errs"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
	"github.com/headrace/headrace/server/dispatch"
	"github.com/headrace/headrace/server/logs"
)

// nodeLog reads a log for a client from its node: the leader asks the agent to dial this server. When the client has its share of the
// node's streams, its reader is told through refused.
func (c *Control) nodeLog(client string, refused func(error) error, w *state.Worker, r *controlv1.ReadLogRequest) func(context.Context, int64, logs.Take) error {
	return func(ctx context.Context, offset int64, take logs.Take) error {
		leave, err := c.takeData(client, w.Node)
		if err != nil {
			return refused(err)
		}
		defer leave()
		ask := &agentv1.ReadLog{WorkerId: w.ID, Stream: r.GetStream(), Offset: offset, Follow: r.GetFollow()}
		return c.Data(ctx, w.Node, func(data dispatch.DataStream) error { return copyLog(data, ask, take) })
	}
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
		return errs.New(errs.NotFound, "cannot read the log: %.1000s", end.GetError())
	}
	return nil
}
