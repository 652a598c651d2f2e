package fsm

import (
	"slices"
	"time"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/fsm/wire"
	eventv1 "github.com/headrace/headrace/proto/headrace/event/v1"
)

// keptFailures is how many times of failed attempts a run remembers; a policy counts at most ten.
const keptFailures = 10

// attempt returns a copy of a row that must be there and not be over.
func (a *applier) attempt(run string, number uint32) state.Attempt {
	row := a.tx.View().Attempt(run, number)
	a.must(row != nil, "run %s has no attempt %d", run, number)
	a.must(!row.State.Over(), "attempt %d of run %s is over: %s", number, run, row.State)
	return *row
}

func (a *applier) attemptCreated(e *eventv1.AttemptCreated) {
	run := a.run(e.GetJobRunId())
	a.must(e.GetAttempt() == run.Attempt+1, "run %s is at attempt %d, so %d is not the next",
		run.ID, run.Attempt, e.GetAttempt())
	run.Attempt = e.GetAttempt()
	a.enter(run, state.RunPending)
	a.tx.PutAttempt(state.Attempt{
		Run:       run.ID,
		Number:    run.Attempt,
		State:     state.AttemptWaiting,
		Created:   a.now,
		AvoidZone: e.GetAvoidZone(),
		AvoidNode: e.GetAvoidNode(),
		NotBefore: state.Moment(e.GetNotBeforeUnixNano()),
	})
}

func (a *applier) attemptScheduled(e *eventv1.AttemptScheduled) {
	row := a.attempt(e.GetJobRunId(), e.GetAttempt())
	a.must(row.State == state.AttemptWaiting, "attempt %d of run %s is %s and cannot be scheduled",
		row.Number, row.Run, row.State)
	row.State = state.AttemptScheduled
	row.Zone = e.GetZone()
	row.Scheduled = a.now
	a.tx.PutAttempt(row)
	a.enter(a.run(row.Run), state.RunScheduled)
}

func (a *applier) attemptRunning(e *eventv1.AttemptRunning) {
	row := a.attempt(e.GetJobRunId(), e.GetAttempt())
	a.must(row.State == state.AttemptScheduled, "attempt %d of run %s is %s and cannot run", row.Number, row.Run,
		row.State)
	row.State = state.AttemptRunning
	row.Running = a.now
	a.tx.PutAttempt(row)
	run := a.run(row.Run)
	if run.Started.IsZero() {
		run.Started = a.now
	}
	a.enter(run, state.RunRunning)
}

func (a *applier) attemptReturned(e *eventv1.AttemptReturned) {
	row := a.attempt(e.GetJobRunId(), e.GetAttempt())
	a.must(row.State == state.AttemptScheduled, "attempt %d of run %s is %s and cannot be returned",
		row.Number, row.Run, row.State)
	row.State = state.AttemptWaiting
	row.Scheduled = time.Time{}
	row.Refused = append(slices.Clone(row.Refused), e.GetNodeId())
	row.Refusals = append(slices.Clone(row.Refusals), e.GetReason())
	a.tx.PutAttempt(row)
	a.enter(a.run(row.Run), state.RunPending)
}

func (a *applier) attemptEnded(e *eventv1.AttemptEnded) {
	row := a.attempt(e.GetJobRunId(), e.GetAttempt())
	row.State = state.AttemptState(e.GetState())
	row.Failure = wire.FailureOf(e.GetFailure())
	row.Ended = a.now
	a.tx.PutAttempt(row)
	run := a.run(row.Run)
	switch {
	case row.Failure.Kind == state.FailedNodeDrained:
		run.Excused++
	case row.State == state.AttemptFailed:
		times := append(slices.Clone(run.Failures), a.now)
		run.Failures = times[max(0, len(times)-keptFailures):]
	}
	run.Updated = a.now
	a.tx.PutJobRun(run)
}
