package command

import (
	"time"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/errs"
)

// FindApplication returns an application, or nil. An application that was deleted longer ago than a tombstone lasts is
// not found.
func FindApplication(view *state.View, now time.Time, limits Limits, id string) *state.Application {
	application := view.Application(id)
	if application != nil && application.State == state.ApplicationTerminated &&
		now.Sub(application.Updated) > limits.Tombstone {
		return nil
	}
	return application
}

// FindJobRun returns a run of an application, or an error if the application has no such run.
func FindJobRun(view *state.View, application, run string) (*state.JobRun, error) {
	r := view.JobRun(run)
	if r == nil || r.Application != application {
		return nil, errs.New(errs.NotFound, "there is no job run %q in application %q", run, application)
	}
	return r, nil
}
