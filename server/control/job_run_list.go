package control

import (
	"context"
	"iter"
	"slices"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/errs"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
	"github.com/headrace/headrace/server/control/message"
	"github.com/headrace/headrace/server/control/paging"
)

// ListJobRuns returns an application's runs, newest first.
func (j *jobRuns) ListJobRuns(
	ctx context.Context,
	r *controlv1.ListJobRunsRequest,
) (*controlv1.ListJobRunsResponse, error) {
	page, err := paging.Asked(r, 50)
	if err != nil {
		return nil, err
	}
	after, err := page.ID()
	if err != nil {
		return nil, err
	}
	filter, err := filterOf(r)
	if err != nil {
		return nil, err
	}
	view, err := j.router.Read(ctx, r.GetStale())
	if err != nil {
		return nil, err
	}
	if _, err := j.findApplication(view, r.GetApplicationId()); err != nil {
		return nil, err
	}
	if last := view.JobRun(after); last != nil && last.Application != r.GetApplicationId() {
		return nil, paging.Foreign()
	}
	rows, next := paging.Cut(
		page,
		filter.notBefore(view.JobRuns(r.GetApplicationId(), after)), // which are those that were created before it
		filter.wants,
		func(row *state.JobRun) string { return row.ID },
		func(row *state.JobRun) *controlv1.JobRun { return message.Summary(view, row) },
	)
	return &controlv1.ListJobRunsResponse{JobRuns: rows, NextToken: next, Record: view.Sequence}, nil
}

// runFilter selects the runs of a list.
type runFilter struct {
	states        []string
	mode          string
	after, before time.Time // zero: no bound
}

// filterOf reads and checks the filter of a request.
func filterOf(r *controlv1.ListJobRunsRequest) (f runFilter, err error) {
	f.states = r.GetStates()
	f.mode = r.GetMode()
	if err := checkStates(f.states, state.RunSubmitted, state.RunCancelled); err != nil {
		return f, err
	}
	if !slices.Contains([]string{"", "BATCH", "STREAMING"}, f.mode) {
		return f, errs.Field("mode", "%.60q is neither BATCH nor STREAMING", f.mode)
	}
	if f.after, err = timeOf("created_after", r.GetCreatedAfter()); err != nil {
		return f, err
	}
	if f.before, err = timeOf("created_before", r.GetCreatedBefore()); err != nil {
		return f, err
	}
	if !f.after.IsZero() && !f.before.IsZero() && !f.after.Before(f.before) {
		return f, errs.Field(
			"created_after",
			"%s is not before created_before, which is %s",
			f.after.Format(time.RFC3339),
			f.before.Format(time.RFC3339),
		)
	}
	return f, nil
}

func timeOf(field string, m *timestamppb.Timestamp) (time.Time, error) {
	if m == nil {
		return time.Time{}, nil
	}
	if err := m.CheckValid(); err != nil {
		return time.Time{}, errs.Field(field, "it is not a time: %v", err)
	}
	return m.AsTime(), nil
}

// wants says whether a run is selected.
func (f runFilter) wants(run *state.JobRun) bool {
	return (len(f.states) == 0 || slices.Contains(f.states, run.State.String())) &&
		(f.mode == "" || f.mode == modeOf(run)) &&
		(f.after.IsZero() || run.Created.After(f.after)) &&
		(f.before.IsZero() || run.Created.Before(f.before))
}

// modeOf writes a run's mode as filters do.
func modeOf(run *state.JobRun) string {
	if run.Streaming() {
		return "STREAMING"
	}
	return "BATCH"
}

// notBefore ends the runs, which are newest first, where all that follow are too old.
func (f runFilter) notBefore(runs iter.Seq[*state.JobRun]) iter.Seq[*state.JobRun] {
	if f.after.IsZero() {
		return runs
	}
	return func(yield func(*state.JobRun) bool) {
		for run := range runs {
			if run.Created.Before(f.after) || !yield(run) {
				return
			}
		}
	}
}
