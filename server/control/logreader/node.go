package logreader

import (
	"context"

	"github.com/headrace/headrace/internal/errs"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
	"github.com/headrace/headrace/server/dispatch"
	"github.com/headrace/headrace/server/logs"
)

// nodeLog reads a log for a client from its node. If the client has its share of the node's streams, refused is told.
func (r *Reader) nodeLog(client string, refused func(error) error, log Log) readNode {
	return func(ctx context.Context, offset int64, take logs.Take) error {
		leave, err := r.cfg.Streams.Reserve(client, log.Worker.Node)
		if err != nil {
			return refused(err)
		}
		defer leave()
		ask := &agentv1.ReadLog{
			WorkerId: log.Worker.ID,
			Stream:   log.Stream,
			Offset:   offset,
			Follow:   log.Follow,
		}
		return r.cfg.Streams.UseUntilLost(ctx, log.Worker.Node, func(data dispatch.DataStream) error {
			return copyStream(data, ask, take)
		})
	}
}

// copyStream passes on what a node sends. No error: that is the whole log; NotFound: the node does not have it.
func copyStream(data dispatch.DataStream, ask *agentv1.ReadLog, take logs.Take) error {
	message := &agentv1.DataResponse{Message: &agentv1.DataResponse_ReadLog{ReadLog: ask}}
	if err := data.Send(message); err != nil {
		return errs.New(errs.Unavailable, "its node went away (%v)", err)
	}
	for {
		m, err := data.Recv()
		if err != nil {
			return errs.New(
				errs.Unavailable,
				"the log broke off: its node went away; read on from where it ended (%v)",
				err,
			)
		}
		if end := m.GetLogEnd(); end != nil {
			return endError(end)
		}
		if err := take(m.GetLogPart().GetOffset(), m.GetLogPart().GetData()); err != nil {
			return err
		}
	}
}

func endError(end *agentv1.LogEnd) error {
	if end.GetError() != "" {
		return errs.New(errs.NotFound, "cannot read the log: %.1000s", end.GetError())
	}
	return nil
}
