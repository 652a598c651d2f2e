package control

import (
	"context"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/headrace/headrace/fsm/state"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
	"github.com/headrace/headrace/server/ui"
)

// GetJobRunUI returns a link to the user interface of an attempt. Whether there is something to see yet, the link itself says. The pages
// show the run's environment and logs, so it is made for those who may read the run; whoever has it may look.
func (j *jobRuns) GetJobRunUI(ctx context.Context, r *controlv1.GetJobRunUIRequest) (*controlv1.GetJobRunUIResponse, error) {
	view, run, err := j.find(ctx, false, r.GetApplicationId(), r.GetJobRunId())
	if err != nil {
		return nil, err
	}
	if err := mayRead(ctx, run, "show the Spark UI of job run %s"); err != nil {
		return nil, err
	}
	number := r.GetAttempt()
	if number == 0 {
		number = run.Attempt
	}
	if number > run.Attempt {
		return nil, noAttempt(run, number)
	}
	shown := ui.Attempt{Application: run.Application, Run: run.ID, Number: number}
	if err := ui.Shows(view, shown, j.cfg.Dispatch.ManagedLogs()); err != nil {
		return nil, err
	}
	link, expires, err := j.cfg.Links.Make(shown, now())
	if err != nil {
		return nil, err
	}
	return &controlv1.GetJobRunUIResponse{Url: link, ExpiresAt: timestamppb.New(expires)}, nil
}

// View returns what this server has applied; fresh: everything that was acknowledged before the call.
func (c *Control) View(ctx context.Context, fresh bool) (*state.View, error) {
	return c.read(ctx, !fresh)
}

var _ ui.Cluster = (*Control)(nil)
