package control

import (
	"context"

	"google.golang.org/grpc"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/grpcerr"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
	peerv1 "github.com/headrace/headrace/proto/headrace/peer/v1"
	"github.com/headrace/headrace/server/dispatch"
)

// ReadLog streams a log from the node that has it: the leader asks the agent to dial this server, and what it sends goes on to
// the caller, no faster than the caller reads.
func (j *jobRuns) ReadLog(r *controlv1.ReadLogRequest, stream grpc.ServerStreamingServer[controlv1.ReadLogResponse]) error {
	if r.GetStream() != "stdout" && r.GetStream() != "stderr" {
		return errs.Field("stream", "%q is neither stdout nor stderr", r.GetStream())
	}
	if r.GetOffset() < 0 {
		return errs.Field("offset", "%d is below 0", r.GetOffset())
	}
	ctx := stream.Context()
	view, run, err := j.find(ctx, false, r.GetApplicationId(), r.GetJobRunId())
	if err != nil {
		return err
	}
	w, err := loggedWorker(view, run, r)
	if err != nil {
		return err
	}
	ask := &agentv1.ReadLog{WorkerId: w.ID, Stream: r.GetStream(), Offset: r.GetOffset(), Follow: r.GetFollow()}
	return j.cfg.Dispatch.WithData(ctx, w.Node, j.askForData, func(data dispatch.DataStream) error { return copyLog(data, ask, stream) })
}

func loggedWorker(view *state.View, run *state.JobRun, r *controlv1.ReadLogRequest) (*state.Worker, error) {
	attempt := r.GetAttempt()
	if attempt == 0 {
		attempt = run.Attempt
	}
	if attempt > run.Attempt {
		return nil, noAttempt(run, attempt)
	}
	w := view.NewestWorker(run.ID, attempt, r.GetWorkerNumber())
	if w == nil {
		return nil, errs.New(errs.NotFound, "attempt %d of job run %s has no worker %d yet; `headrace job-run explain` says what it waits for", attempt, run.ID, r.GetWorkerNumber())
	}
	return w, nil
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

func copyLog(data dispatch.DataStream, ask *agentv1.ReadLog, to grpc.ServerStreamingServer[controlv1.ReadLogResponse]) error {
	if err := data.Send(&agentv1.DataResponse{Message: &agentv1.DataResponse_ReadLog{ReadLog: ask}}); err != nil {
		return err
	}
	for {
		m, err := data.Recv()
		if err != nil {
			return errs.New(errs.Unavailable, "the log broke off: its node went away; read on from where it ended (%v)", err)
		}
		if end := m.GetLogEnd(); end != nil {
			return logEnd(end)
		}
		part := m.GetLogPart()
		if err := to.Send(&controlv1.ReadLogResponse{Offset: part.GetOffset(), Data: part.GetData()}); err != nil {
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
