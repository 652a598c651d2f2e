package control

import (
	"context"
	"strconv"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/errs"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
	"github.com/headrace/headrace/server/caller"
	"github.com/headrace/headrace/server/command"
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
	id, err := request(ctx, "StartJobRun", r.GetClientToken(), r)
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
	start.Resolve(j.cfg.Door.View().Application(r.GetApplicationId()))
	view, record, err := j.execute(ctx, start.Decide)
	if err != nil {
		return nil, err
	}
	return &controlv1.StartJobRunResponse{
		JobRun: jobRunDetails(view, view.JobRun(start.JobRunID), now()),
		Record: record,
	}, nil
}

// GetJobRun returns one run.
func (j *jobRuns) GetJobRun(ctx context.Context, r *controlv1.GetJobRunRequest) (*controlv1.GetJobRunResponse, error) {
	view, row, err := j.find(ctx, r.GetStale(), r.GetApplicationId(), r.GetJobRunId())
	if err != nil {
		return nil, err
	}
	number := r.GetAttempt()
	if number == 0 {
		number = row.Attempt
	}
	try := view.Attempt(row.ID, number)
	if try == nil {
		return nil, noAttempt(row, number)
	}
	return &controlv1.GetJobRunResponse{
		JobRun:  jobRunDetails(view, row, now()),
		Attempt: attempt(try),
		Record:  view.Sequence,
	}, nil
}

func noAttempt(run *state.JobRun, number uint32) error {
	return errs.New(errs.NotFound, "job run %s has no attempt %d: its newest is %d", run.ID, number, run.Attempt)
}

// find reads a view and a run in it.
func (j *jobRuns) find(ctx context.Context, stale bool, application, run string) (*state.View, *state.JobRun, error) {
	view, err := j.read(ctx, stale)
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
	most, err := limit(r.GetMaxResults(), 50)
	if err != nil {
		return nil, err
	}
	after, err := numberAfter(r.GetNextToken())
	if err != nil {
		return nil, err
	}
	view, row, err := j.find(ctx, r.GetStale(), r.GetApplicationId(), r.GetJobRunId())
	if err != nil {
		return nil, err
	}
	rows, next := page(view.Attempts(row.ID, after), most, func(*state.Attempt) bool { return true },
		func(a *state.Attempt) string { return strconv.Itoa(int(a.Number)) }, attempt)
	return &controlv1.ListJobRunAttemptsResponse{Attempts: rows, NextToken: next, Record: view.Sequence}, nil
}

func numberAfter(token string) (uint32, error) {
	last, err := pageAfter(token)
	if err != nil || last == "" {
		return 0, err
	}
	n, err := strconv.ParseUint(last, 10, 32)
	if err != nil {
		return 0, errs.Field("next_token", "it is not one that this list call answered")
	}
	return uint32(n), nil
}

// ListWorkers returns the workers of a run.
func (j *jobRuns) ListWorkers(
	ctx context.Context,
	r *controlv1.ListWorkersRequest,
) (*controlv1.ListWorkersResponse, error) {
	most, err := limit(r.GetMaxResults(), 1000)
	if err != nil {
		return nil, err
	}
	after, err := pageAfter(r.GetNextToken())
	if err != nil {
		return nil, err
	}
	view, row, err := j.find(ctx, r.GetStale(), r.GetApplicationId(), r.GetJobRunId())
	if err != nil {
		return nil, err
	}
	if last := view.Worker(after); after != "" && (last == nil || last.Run != row.ID) {
		return nil, errs.Field("next_token", "it is not one that this list call answered")
	}
	passed := after == ""
	rows, next := page(view.WorkersOfRun(row.ID), most,
		func(w *state.Worker) bool {
			if !passed {
				passed = w.ID == after
				return false
			}
			return r.GetAttempt() == 0 || w.Attempt == r.GetAttempt()
		},
		func(w *state.Worker) string { return w.ID },
		func(w *state.Worker) *controlv1.Worker { return worker(view, w) })
	return &controlv1.ListWorkersResponse{Workers: rows, NextToken: next, Record: view.Sequence}, nil
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
	if err != nil {
		return nil, err
	}
	return &controlv1.CancelJobRunResponse{JobRun: jobRunDetails(view, view.JobRun(r.GetJobRunId()), now())}, nil
}
