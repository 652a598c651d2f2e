package control

import (
	"context"
	"strings"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/eventlog"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
	"github.com/headrace/headrace/server/control/routing"
	"github.com/headrace/headrace/server/dispatch"
	"github.com/headrace/headrace/server/ui"
)

// GetJobRunUI returns a link to the user interface of an attempt. The link itself says whether there is something to
// see yet. It is made for those who may read the run, since the pages show the run's environment and logs; whoever has
// the link may look.
func (j *jobRuns) GetJobRunUI(
	ctx context.Context,
	r *controlv1.GetJobRunUIRequest,
) (*controlv1.GetJobRunUIResponse, error) {
	view, run, err := j.findRun(ctx, false, r.GetApplicationId(), r.GetJobRunId())
	if err != nil {
		return nil, err
	}
	if err := routing.MayRead(ctx, run, "show the Spark UI of job run %s"); err != nil {
		return nil, err
	}
	number, err := attemptOf(run, r.GetAttempt())
	if err != nil {
		return nil, err
	}
	shown := ui.Attempt{Application: run.Application, Run: run.ID, Number: number}
	if err := ui.Shows(view, shown, j.cfg.Dispatch.ManagedLogs()); err != nil {
		return nil, err
	}
	link, expires, err := j.cfg.Links.Make(shown, time.Now())
	if err != nil {
		return nil, err
	}
	return &controlv1.GetJobRunUIResponse{
		Url:       link,
		ExpiresAt: timestamppb.New(expires),
		Note:      j.noteOf(ctx, view, shown),
	}, nil
}

// noteTime bounds how long a link waits for what is to be said of it. The pages themselves say it, too.
const noteTime = 5 * time.Second

// noteOf says what the history of an attempt will not show; empty: nothing, or it cannot be known now.
func (j *jobRuns) noteOf(ctx context.Context, view *state.View, shown ui.Attempt) string {
	past := ui.Past(view, shown, j.cfg.Dispatch.ManagedLogs())
	if past == nil || j.cfg.LogBackend == nil {
		return ""
	}
	ctx, cancel := context.WithTimeout(ctx, noteTime)
	defer cancel()
	folder := past.GetFolder() + "/"
	kept, err := j.cfg.LogBackend(past.GetLogUri()).List(ctx, folder)
	if err != nil {
		return ""
	}
	files := make([]eventlog.File, len(kept))
	for i, file := range kept {
		files[i] = eventlog.File{Name: strings.TrimPrefix(file.Path, folder), Size: file.Size}
	}
	chosen, err := eventlog.Choose(files, eventlog.Usual())
	if err != nil {
		return err.Error()
	}
	return chosen.Note()
}

// The user interfaces see the cluster through the API of their server.
var _ ui.Cluster = (*Control)(nil)

// View returns what this server has applied; fresh: everything that was acknowledged before the call.
func (c *Control) View(ctx context.Context, fresh bool) (*state.View, error) {
	return c.router.Read(ctx, !fresh)
}

// ViewOf is View with everything that was acknowledged before the call, and with a run that is over and left the state.
func (c *Control) ViewOf(ctx context.Context, run string) (*state.View, error) {
	view, err := c.router.Read(ctx, false)
	if err != nil {
		return nil, err
	}
	return c.cfg.History.Recall(ctx, view, run)
}

// Data gives use a data stream of a node until use returns. It ends with ctx, and when the node is lost.
func (c *Control) Data(ctx context.Context, node string, use func(dispatch.DataStream) error) error {
	return c.streams.UseUntilLost(ctx, node, use)
}

// Log reads a log for a user interface, whose link says that it may be read.
func (c *Control) Log(ctx context.Context, r *controlv1.ReadLogRequest, take func(data []byte) error) error {
	view, log, err := c.findLog(ctx, r)
	if err != nil {
		return err
	}
	_, err = c.logs.Read(ctx, view, log, func(_ int64, data []byte) error { return take(data) })
	return err
}
