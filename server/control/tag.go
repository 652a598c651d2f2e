package control

import (
	"context"
	"time"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/spec"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
	"github.com/headrace/headrace/server/caller"
	"github.com/headrace/headrace/server/command"
)

// tags implements TagService.
type tags struct {
	controlv1.UnimplementedTagServiceServer
	*Control
}

// maxUntagged bounds the keys of one call.
const maxUntagged = 200

// TagResource adds tags, or gives them other values.
func (t *tags) TagResource(
	ctx context.Context,
	r *controlv1.TagResourceRequest,
) (*controlv1.TagResourceResponse, error) {
	if err := spec.CheckTags("tags", r.GetTags()); err != nil {
		return nil, err
	}
	add := &command.TagResource{
		ApplicationID: r.GetApplicationId(),
		JobRunID:      r.GetJobRunId(),
		Tags:          r.GetTags(),
		By:            caller.Of(ctx).User,
	}
	view, _, err := t.execute(ctx, add.Decide)
	if err != nil {
		return nil, t.unlessPast(ctx, r, err)
	}
	found, err := t.tagsAfter(ctx, view, r)
	return &controlv1.TagResourceResponse{Tags: found}, err
}

// UntagResource removes tags.
func (t *tags) UntagResource(
	ctx context.Context,
	r *controlv1.UntagResourceRequest,
) (*controlv1.UntagResourceResponse, error) {
	if n := len(r.GetTagKeys()); n < 1 || n > maxUntagged {
		return nil, errs.Field("tag_keys", "%d keys are not between 1 and %d", n, maxUntagged)
	}
	remove := &command.UntagResource{
		ApplicationID: r.GetApplicationId(),
		JobRunID:      r.GetJobRunId(),
		Keys:          r.GetTagKeys(),
		By:            caller.Of(ctx).User,
	}
	view, _, err := t.execute(ctx, remove.Decide)
	if err != nil {
		return nil, t.unlessPast(ctx, r, err)
	}
	found, err := t.tagsAfter(ctx, view, r)
	return &controlv1.UntagResourceResponse{Tags: found}, err
}

// tagsAfter returns the tags of a resource after a decision. A run that was over may have left the state since.
func (t *tags) tagsAfter(ctx context.Context, view *state.View, r interface {
	GetApplicationId() string
	GetJobRunId() string
},
) (map[string]string, error) {
	view, err := t.cfg.History.Recall(ctx, view, r.GetJobRunId())
	if err != nil {
		return nil, err
	}
	return t.tagsOf(view, r.GetApplicationId(), r.GetJobRunId())
}

// unlessPast says of a run that was not found in the state that it lies in the history, if it does: what lies there
// never changes.
func (t *tags) unlessPast(ctx context.Context, r interface {
	GetApplicationId() string
	GetJobRunId() string
}, refused error,
) error {
	if !errs.Is(refused, errs.NotFound) || r.GetJobRunId() == "" {
		return refused
	}
	_, run, err := t.findRun(ctx, false, r.GetApplicationId(), r.GetJobRunId())
	if err != nil {
		return err
	}
	return errs.New(errs.WrongState,
		"cannot change the tags of job run %s: it ended %s at %s and lies in the history, which does not change",
		run.ID, run.State, run.Ended.UTC().Format(time.RFC3339))
}

// ListTags returns the tags of a resource.
func (t *tags) ListTags(ctx context.Context, r *controlv1.ListTagsRequest) (*controlv1.ListTagsResponse, error) {
	view, err := t.router.Read(ctx, r.GetStale())
	if err != nil {
		return nil, err
	}
	if view, err = t.cfg.History.Recall(ctx, view, r.GetJobRunId()); err != nil {
		return nil, err
	}
	found, err := t.tagsOf(view, r.GetApplicationId(), r.GetJobRunId())
	if err != nil {
		return nil, err
	}
	return &controlv1.ListTagsResponse{Tags: found, Record: view.Sequence}, nil
}

// tagsOf returns the tags of a run or, without one, of an application.
func (t *tags) tagsOf(view *state.View, application, run string) (map[string]string, error) {
	if run != "" {
		row, err := command.FindJobRun(view, application, run)
		if err != nil {
			return nil, err
		}
		return row.Spec.GetTags(), nil
	}
	row, err := t.findApplication(view, application)
	if err != nil {
		return nil, err
	}
	return row.Spec.GetTags(), nil
}
