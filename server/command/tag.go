package command

import (
	"slices"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/spec"
	eventv1 "github.com/headrace/headrace/proto/headrace/event/v1"
)

// TagResource adds tags to an application or a run, and replaces those with the same keys.
type TagResource struct {
	ApplicationID string
	JobRunID      string // empty: the application itself
	Tags          map[string]string
	By            string // who asks for it
}

// Decide adds the tags that are new or have another value: all of them, or none.
func (c *TagResource) Decide(view *state.View, meta Meta) ([]*eventv1.Event, error) {
	old, err := tagsOf(view, meta, c.ApplicationID, c.JobRunID)
	if err != nil {
		return nil, err
	}
	if err := spec.CheckTags("tags", c.Tags); err != nil {
		return nil, err
	}
	set := map[string]string{}
	count := len(old)
	for key, value := range c.Tags {
		was, there := old[key]
		if !there {
			count++
		}
		if !there || was != value {
			set[key] = value
		}
	}
	if count > spec.MaxTags {
		return nil, errs.Field("tags",
			"cannot add them: the resource has %d tags and would have %d, and the most is %d; remove some first",
			len(old), count, spec.MaxTags)
	}
	return changeTags(view, meta, &eventv1.JobRunTagged{JobRunId: c.JobRunID, Set: set, TaggedBy: c.By},
		c.ApplicationID), nil
}

// UntagResource removes tags of an application or a run.
type UntagResource struct {
	ApplicationID string
	JobRunID      string // empty: the application itself
	Keys          []string
	By            string // who asks for it
}

// Decide removes the tags that are there.
func (c *UntagResource) Decide(view *state.View, meta Meta) ([]*eventv1.Event, error) {
	old, err := tagsOf(view, meta, c.ApplicationID, c.JobRunID)
	if err != nil {
		return nil, err
	}
	var removed []string
	for _, key := range slices.Sorted(slices.Values(c.Keys)) {
		if _, there := old[key]; there {
			removed = append(removed, key)
		}
	}
	return changeTags(view, meta,
		&eventv1.JobRunTagged{JobRunId: c.JobRunID, Removed: slices.Compact(removed), TaggedBy: c.By},
		c.ApplicationID), nil
}

// tagsOf returns the tags of a run, in whatever state it is, or of an application that is not deleted.
func tagsOf(view *state.View, meta Meta, application, run string) (map[string]string, error) {
	if run != "" {
		row, err := FindJobRun(view, application, run)
		if err != nil {
			return nil, err
		}
		return row.Spec.GetTags(), nil
	}
	row, err := liveApplication(view, meta, application)
	if err != nil {
		return nil, err
	}
	return row.Spec.GetTags(), nil
}

// changeTags gives the event that changes a run's tags or, without a run, those of its application.
func changeTags(view *state.View, meta Meta, change *eventv1.JobRunTagged, application string) []*eventv1.Event {
	if len(change.GetSet()) == 0 && len(change.GetRemoved()) == 0 {
		return nil
	}
	d := draft(view, meta)
	if change.GetJobRunId() != "" {
		d.Add(change)
	} else {
		d.Add(&eventv1.ApplicationTagged{
			ApplicationId: application,
			Set:           change.GetSet(),
			Removed:       change.GetRemoved(),
			TaggedBy:      change.GetTaggedBy(),
		})
	}
	return d.Events()
}
