package explanation

import (
	"fmt"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/server/command"
)

// submitted explains a run whose application is not started: which of its pre-initialised slots are missing, and why.
func (s Source) submitted() Explanation {
	application := s.application()
	e := Explanation{
		Kind:    NotStarted,
		Message: fmt.Sprintf("its application, %s, is %s", application.ID, application.State),
	}
	switch application.State {
	case state.ApplicationStarting:
		s.starting(&e)
	case state.ApplicationStopping:
		held := s.View.UsedOfApplication(application.ID)
		e.Message += fmt.Sprintf(" and starts again once nothing of it is held; now it holds %s", held)
		e.NextStep = fmt.Sprintf(
			"wait; `headrace job-run list %s` shows the runs that are being cancelled",
			application.ID,
		)
	default:
		e.NextStep = fmt.Sprintf("`headrace application start %s` starts it", application.ID)
	}
	e.Message += s.until(s.Limits.Submitted)
	return e
}

func (s Source) starting(e *Explanation) {
	application := s.application()
	if missing := command.PoolMissing(s.View, application); missing != "" {
		e.Message += ": " + missing
	}
	wait, waits := s.Plan.ExplainApplication(application.ID)
	if !waits {
		e.NextStep = fmt.Sprintf(
			"wait until the nodes have prepared them; `headrace application get %s` shows how many are ready",
			application.ID,
		)
		return
	}
	e.Message += "; slots are missing: " + wait.Message
	e.Holders = s.holders(wait.Kind)
	e.NextStep = s.nextStep(wait.Kind, e.Holders)
	s.otherNodes(e, wait.Kind)
}
