package control

import (
	"context"
	"iter"
	"strconv"
	"strings"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/errs"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
	"github.com/headrace/headrace/server/caller"
	"github.com/headrace/headrace/server/command"
	"github.com/headrace/headrace/server/control/message"
	"github.com/headrace/headrace/server/control/paging"
	"github.com/headrace/headrace/server/control/routing"
)

// jobRuns implements JobRunService.
type jobRuns struct {
	controlv1.UnimplementedJobRunServiceServer
	*Control
}

// StartJobRun submits a run.
func (j *jobRuns) StartJobRun(
	ctx context.Context,
	r *controlv1.StartJobRunRequest,
) (*controlv1.StartJobRunResponse, error) {
	said, err := submission(r)
	if err != nil {
		return nil, err
	}
	id, err := routing.RequestOf(ctx, "StartJobRun", r.GetClientToken(), r)
	if err != nil {
		return nil, err
	}
	id.Scope = r.GetApplicationId()
	start := &command.StartJobRun{
		Request:       id,
		ApplicationID: r.GetApplicationId(),
		Spec:          said,
		CreatedBy:     caller.Of(ctx).User,
	}
	if !start.Request.Repeats(j.cfg.Door.View()) {
		if err := j.ensureUploads(ctx, said); err != nil {
			return nil, err
		}
	}
	start.Resolve(j.cfg.Door.View().Application(r.GetApplicationId()))
	view, record, err := j.execute(ctx, start.Decide)
	if err != nil {
		return nil, err
	}
	if view, err = j.cfg.History.Recall(ctx, view, start.JobRunID); err != nil {
		return nil, err
	}
	row := view.JobRun(start.JobRunID)
	if row == nil {
		return nil, errs.New(errs.NotFound,
			"job run %s, which this request started before, is kept no more", start.JobRunID)
	}
	return &controlv1.StartJobRunResponse{JobRun: message.JobRunDetails(view, row, j.now()), Record: record}, nil
}

// GetJobRun returns one run.
func (j *jobRuns) GetJobRun(ctx context.Context, r *controlv1.GetJobRunRequest) (*controlv1.GetJobRunResponse, error) {
	view, row, err := j.findRun(ctx, r.GetStale(), r.GetApplicationId(), r.GetJobRunId())
	if err != nil {
		return nil, err
	}
	number, err := attemptOf(row, r.GetAttempt())
	if err != nil {
		return nil, err
	}
	try := view.Attempt(row.ID, number)
	if try == nil {
		return nil, noAttempt(row, number)
	}
	return &controlv1.GetJobRunResponse{
		JobRun:  message.JobRunDetails(view, row, j.now()),
		Attempt: message.Attempt(try),
		Record:  view.Sequence,
	}, nil
}

// attemptOf returns the number of the attempt that a request is for: the newest one, unless it names another.
func attemptOf(run *state.JobRun, number uint32) (uint32, error) {
	switch {
	case number == 0:
		return run.Attempt, nil
	case number > run.Attempt:
		return 0, noAttempt(run, number)
	}
	return number, nil
}

func noAttempt(run *state.JobRun, number uint32) error {
	return errs.New(errs.NotFound, "job run %s has no attempt %d: its newest is %d", run.ID, number, run.Attempt)
}

// findRun reads a view and a run in it. A run that is over and left the state is in the view again.
func (c *Control) findRun(
	ctx context.Context,
	stale bool,
	application, run string,
) (*state.View, *state.JobRun, error) {
	view, err := c.router.Read(ctx, stale)
	if err == nil {
		view, err = c.cfg.History.Recall(ctx, view, run)
	}
	if err != nil {
		return nil, nil, err
	}
	row, err := command.FindJobRun(view, application, run)
	return view, row, err
}

// ListJobRunAttempts returns a run's attempts, oldest first.
func (j *jobRuns) ListJobRunAttempts(
	ctx context.Context,
	r *controlv1.ListJobRunAttemptsRequest,
) (*controlv1.ListJobRunAttemptsResponse, error) {
	page, err := paging.Asked(r, 50)
	if err != nil {
		return nil, err
	}
	after, err := page.Number()
	if err != nil {
		return nil, err
	}
	view, row, err := j.findRun(ctx, r.GetStale(), r.GetApplicationId(), r.GetJobRunId())
	if err != nil {
		return nil, err
	}
	rows, next := paging.Cut(
		page,
		view.Attempts(row.ID, after),
		func(*state.Attempt) bool { return true },
		func(a *state.Attempt) string { return strconv.Itoa(int(a.Number)) },
		message.Attempt,
	)
	return &controlv1.ListJobRunAttemptsResponse{Attempts: rows, NextToken: next, Record: view.Sequence}, nil
}

// ListWorkers returns the workers of a run, or of all runs those whose id begins in some way.
func (j *jobRuns) ListWorkers(
	ctx context.Context,
	r *controlv1.ListWorkersRequest,
) (*controlv1.ListWorkersResponse, error) {
	page, err := paging.Asked(r, 1000)
	if err != nil {
		return nil, err
	}
	found, err := j.workersOf(ctx, r, page)
	if err != nil {
		return nil, err
	}
	rows, next := paging.Cut(
		page,
		found.workers,
		func(w *state.Worker) bool { return wantedWorker(r, w) },
		func(w *state.Worker) string { return w.ID },
		func(w *state.Worker) *controlv1.Worker { return message.Worker(found.view, w) },
	)
	if next == "" && found.through != "" {
		next = paging.TokenOf(found.through)
	}
	return &controlv1.ListWorkersResponse{Workers: rows, NextToken: next, Record: found.view.Sequence}, nil
}

// foundWorkers are those that a request is about.
type foundWorkers struct {
	view    *state.View
	workers iter.Seq[*state.Worker]
	through string // the id after which there may be more; empty: there are no more
}

// workersOf returns the workers that a request is about, after one of them: those of its run, or those of any run whose
// id begins as it says.
func (j *jobRuns) workersOf(
	ctx context.Context,
	r *controlv1.ListWorkersRequest,
	page paging.Page,
) (found foundWorkers, err error) {
	if r.GetJobRunId() == "" && r.GetIdPrefix() != "" {
		return j.workersWithin(ctx, r, page)
	}
	var row *state.JobRun
	found.view, row, err = j.findRun(ctx, r.GetStale(), r.GetApplicationId(), r.GetJobRunId())
	if err != nil {
		return found, err
	}
	found.workers, err = workersAfter(found.view, row, page.After)
	return found, err
}

// workersWithin returns the workers of all runs, the history's among them, whose id begins as a request says.
func (j *jobRuns) workersWithin(
	ctx context.Context,
	r *controlv1.ListWorkersRequest,
	page paging.Page,
) (found foundWorkers, err error) {
	view, err := j.router.Read(ctx, r.GetStale())
	if err != nil {
		return found, err
	}
	prefix := r.GetIdPrefix()
	found.view, found.through, err = j.cfg.History.WorkersWithin(ctx, view, prefix, page.After, page.Max+1)
	if err != nil {
		return found, err
	}
	found.workers = func(yield func(*state.Worker) bool) {
		for w := range found.view.WorkersWithin(prefix, page.After) {
			if found.through != "" && w.ID > found.through || !yield(w) {
				return
			}
		}
	}
	return found, nil
}

func wantedWorker(r *controlv1.ListWorkersRequest, w *state.Worker) bool {
	return (r.GetApplicationId() == "" || w.Application == r.GetApplicationId()) &&
		(r.GetAttempt() == 0 || w.Attempt == r.GetAttempt()) && strings.HasPrefix(w.ID, r.GetIdPrefix())
}

// workersAfter returns the workers of a run that follow one of them; all, if that one is not named.
func workersAfter(view *state.View, run *state.JobRun, after string) (iter.Seq[*state.Worker], error) {
	if after == "" {
		return view.WorkersOfRun(run.ID), nil
	}
	if last := view.Worker(after); last == nil || last.Run != run.ID {
		return nil, paging.Foreign()
	}
	return func(yield func(*state.Worker) bool) {
		passed := false
		for w := range view.WorkersOfRun(run.ID) {
			if passed && !yield(w) {
				return
			}
			passed = passed || w.ID == after
		}
	}, nil
}

// CancelJobRun cancels a run that is not over.
func (j *jobRuns) CancelJobRun(
	ctx context.Context,
	r *controlv1.CancelJobRunRequest,
) (*controlv1.CancelJobRunResponse, error) {
	if g := r.GetGraceSeconds(); g < 0 || g > 3600 {
		return nil, errs.Field("grace_seconds", "%d is not between 0 and 3600", g)
	}
	cancel := &command.CancelJobRun{
		ApplicationID: r.GetApplicationId(),
		JobRunID:      r.GetJobRunId(),
		GraceSeconds:  r.GraceSeconds,
		By:            caller.Of(ctx).User,
	}
	view, _, err := j.execute(ctx, cancel.Decide)
	if errs.Is(err, errs.NotFound) { // unless it left the state, when it is over and stays as it is
		view, _, err = j.findRun(ctx, false, r.GetApplicationId(), r.GetJobRunId())
	}
	if err == nil {
		view, err = j.cfg.History.Recall(ctx, view, r.GetJobRunId())
	}
	if err != nil {
		return nil, err
	}
	return &controlv1.CancelJobRunResponse{
		JobRun: message.JobRunDetails(view, view.JobRun(r.GetJobRunId()), j.now()),
	}, nil
}
