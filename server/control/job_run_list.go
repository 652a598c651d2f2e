package control

import (
	"context"
	"iter"
	"slices"
	"strings"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/errs"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
	"github.com/headrace/headrace/server/caller"
	"github.com/headrace/headrace/server/control/message"
	"github.com/headrace/headrace/server/control/paging"
	"github.com/headrace/headrace/server/history/segment"
)

// ListJobRuns returns an application's runs, or those of all applications, newest first.
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
	if r.GetMine() {
		filter.createdBy = new(caller.Of(ctx).User)
	}
	view, err := j.router.Read(ctx, r.GetStale())
	if err != nil {
		return nil, err
	}
	live, gone := j.runsBefore(view, r.GetApplicationId(), after)
	if err := j.checkToken(ctx, view, r.GetApplicationId(), after); err != nil {
		return nil, err
	}
	all := j.withHistory(ctx, view, filter.notBefore(live), filter.query(r.GetApplicationId()), after)
	defer all.close()
	now := j.now()
	rows, next := paging.Cut(
		page,
		all.runs,
		func(l listed) bool { return filter.wants(l.run) },
		func(l listed) string { return l.run.ID },
		func(l listed) *controlv1.JobRun { return message.Summary(l.view, l.run, now) },
	)
	if all.err != nil {
		return nil, all.err
	}
	if next == "" && all.more != "" {
		next = paging.TokenOf(all.more)
	}
	if gone != nil && len(rows) == 0 && next == "" && after == "" {
		return nil, gone // and the history has none of its runs
	}
	return &controlv1.ListJobRunsResponse{JobRuns: rows, NextToken: next, Record: view.Sequence}, nil
}

// checkToken holds that the run after which a page begins is one of the application that is listed, if it is known.
func (j *jobRuns) checkToken(ctx context.Context, view *state.View, application, after string) error {
	if after == "" || application == "" {
		return nil
	}
	view, err := j.cfg.History.Recall(ctx, view, after)
	if err != nil {
		return err
	}
	if last := view.JobRun(after); last != nil && last.Application != application {
		return paging.Foreign()
	}
	return nil
}

// runsBefore yields the runs of an application that were created before one of them, newest first; of all applications
// if none is named. Of an application that is not there it yields none, and gone is the error that says so: the history
// may still have runs of it, as long as it has any.
func (c *Control) runsBefore(view *state.View, application, before string) (live iter.Seq[*state.JobRun], gone error) {
	if application == "" {
		return view.JobRunsOfAll(before), nil
	}
	_, gone = c.findApplication(view, application)
	if gone != nil {
		return func(func(*state.JobRun) bool) {}, gone
	}
	return view.JobRuns(application, before), nil
}

// runFilter selects the runs of a list.
type runFilter struct {
	states        []string
	mode          string
	after, before time.Time // zero: no bound
	name          string
	tags          map[string]string
	idPrefix      string
	createdBy     *string // nil: by anybody
}

// filterOf reads and checks the filter of a request.
func filterOf(r *controlv1.ListJobRunsRequest) (f runFilter, err error) {
	f.states = r.GetStates()
	f.mode = r.GetMode()
	f.name = r.GetName()
	f.tags = r.GetTags()
	f.idPrefix = r.GetIdPrefix()
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

// query is the filter as the history takes it, for the runs of an application, or of all.
func (f runFilter) query(application string) segment.Query {
	q := segment.Query{
		Application: application,
		Mode:        f.mode,
		After:       f.after,
		Before:      f.before,
		Name:        f.name,
		User:        f.createdBy,
		Tags:        f.tags,
		Prefix:      f.idPrefix,
	}
	for s := state.RunSubmitted; s <= state.RunCancelled; s++ {
		if slices.Contains(f.states, s.String()) {
			q.States = append(q.States, s)
		}
	}
	return q
}

// wants says whether a run is selected.
func (f runFilter) wants(run *state.JobRun) bool {
	return (len(f.states) == 0 || slices.Contains(f.states, run.State.String())) &&
		(f.mode == "" || f.mode == modeOf(run)) &&
		(f.after.IsZero() || run.Created.After(f.after)) &&
		(f.before.IsZero() || run.Created.Before(f.before)) &&
		f.describes(run)
}

// describes says whether a run is called and tagged as it is wanted, and is of whom it is wanted.
func (f runFilter) describes(run *state.JobRun) bool {
	return strings.HasPrefix(run.ID, f.idPrefix) &&
		(f.name == "" || f.name == run.Spec.GetName()) &&
		(f.createdBy == nil || *f.createdBy == run.CreatedBy) &&
		hasTags(run.Spec.GetTags(), f.tags)
}

// hasTags says whether all that is wanted is among the tags.
func hasTags(tags, wanted map[string]string) bool {
	for key, value := range wanted {
		if is, found := tags[key]; !found || is != value {
			return false
		}
	}
	return true
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
