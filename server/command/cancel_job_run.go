package command

import (
	"github.com/headrace/headrace/fsm"
	"github.com/headrace/headrace/fsm/state"
	eventv1 "github.com/headrace/headrace/proto/headrace/event/v1"
)

// How many seconds workers have between the polite stop and the kill.
const (
	defaultGrace   = 30  // when nobody can say otherwise, and of PROCESS runs
	streamingGrace = 120 // of a streaming run that somebody cancels
)

// cancelGrace returns the grace of a run that somebody cancels and says nothing of it, as the original has it: a stream
// may finish what it has begun, and a batch is cut off. A PROCESS run, which the original does not know, has time to
// hear of it.
func cancelGrace(run *state.JobRun) int64 {
	switch {
	case run.Streaming():
		return streamingGrace
	case run.Process() != nil:
		return defaultGrace
	}
	return 0
}

// CancelJobRun cancels a run.
type CancelJobRun struct {
	ApplicationID, JobRunID string
	GraceSeconds            *int64 // nil: the default
	By                      string // who asks for it
}

// Decide cancels the run. If it is over, or is being cancelled already, it stays as it is.
func (c *CancelJobRun) Decide(view *state.View, meta Meta) ([]*eventv1.Event, error) {
	run, err := FindJobRun(view, c.ApplicationID, c.JobRunID)
	if err != nil {
		return nil, err
	}
	grace := cancelGrace(run)
	if c.GraceSeconds != nil {
		grace = *c.GraceSeconds
	}
	d := draft(view, meta)
	cancelRun(d, run, cancelled(by("cancelled", c.By)), grace, c.By)
	settleApplication(d, run.Application)
	return d.Events(), nil
}

// cancelRun ends the run's attempt, so that its workers are stopped, and the run itself if it has none. If a deadline
// cancels it, who is empty.
func cancelRun(d *fsm.Draft, run *state.JobRun, reason state.Failure, grace int64, who string) {
	if run.State.Terminal() || run.State == state.RunCancelling {
		return
	}
	d.Add(&eventv1.JobRunCancelRequested{
		JobRunId:           run.ID,
		Reason:             failed(reason),
		GraceSeconds:       grace,
		RequestedBy:        who,
		QueuedMilliseconds: queued(d, run),
	})
	d.Add(&eventv1.AttemptEnded{
		JobRunId: run.ID,
		Attempt:  run.Attempt,
		State:    eventv1.AttemptState_ATTEMPT_STATE_CANCELLED,
		Failure:  failed(reason),
	})
	settleRun(d, run.ID)
}
