package command

import (
	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/errs"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
)

// priorityOf returns the priority of a run: its application's, unless its submission says a lower one.
func priorityOf(application *state.Application, s *specv1.JobRun) uint32 {
	if s.HasPriority() {
		return s.GetPriority()
	}
	return application.Priority
}

// checkPriority holds that a run does not pass before others by its submission alone: whoever may submit to an
// application decides nothing about other applications.
func checkPriority(application *state.Application, s *specv1.JobRun) error {
	if s.GetPriority() <= application.Priority {
		return nil
	}
	return errs.Field("spec.priority",
		"a job run of application %s has a priority of at most %d, which is the application's, not %d: "+
			"say a lower one, or raise the application's",
		application.ID, application.Priority, s.GetPriority())
}

// mayGive holds that only operators let an application pass before those of others: who else gives it a priority stays
// within the usual one, or within what it has.
func mayGive(priority, has uint32, user string, operator bool) error {
	if most := max(has, state.DefaultPriority); !operator && priority > most {
		return errs.New(errs.Forbidden,
			"cannot give an application spec.priority %d as %s: more than %d is for operators; say less, or ask one",
			priority, user, most)
	}
	return nil
}
