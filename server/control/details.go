package control

import (
	"time"

	"github.com/headrace/headrace/fsm/state"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
)

// jobRunDetails is a run with what lists leave out: the settings that hold in the end, and what it used by now.
func jobRunDetails(view *state.View, r *state.JobRun, now time.Time) *controlv1.JobRun {
	m := jobRun(view, r)
	m.Monitoring = monitoring(r.Submission.Monitoring)
	return m
}
