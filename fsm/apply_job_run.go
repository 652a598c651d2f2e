package fsm

import (
	"time"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/fsm/wire"
	"github.com/headrace/headrace/internal/spec"
	eventv1 "github.com/headrace/headrace/proto/headrace/event/v1"
)

// run returns a copy of a row that must be there and not be over: terminal is for ever.
func (a *applier) run(id string) state.JobRun {
	row := a.tx.View().JobRun(id)
	a.must(row != nil, "there is no run %s", id)
	a.must(!row.State.Terminal(), "run %s is over: %s", id, row.State)
	return *row
}

// queued adds what an event says of the time that its run was QUEUED.
func (a *applier) queued(row *state.JobRun, milliseconds int64) {
	waited := time.Duration(milliseconds) * time.Millisecond
	a.must(waited >= 0, "run %s was QUEUED for %d ms", row.ID, milliseconds)
	mayHaveWaited := waited == 0 || row.State == state.RunQueued
	a.must(mayHaveWaited, "run %s is %s and was not QUEUED for %s", row.ID, row.State, waited)
	row.Queued += waited
}

// enter moves a run to another state.
func (a *applier) enter(row state.JobRun, to state.JobRunState) {
	row.State = to
	row.Entered = a.now
	row.Updated = a.now
	a.tx.PutJobRun(row)
}

func (a *applier) jobRunSubmitted(e *eventv1.JobRunSubmitted) {
	a.must(a.tx.View().JobRun(e.GetJobRunId()) == nil, "run %s is there already", e.GetJobRunId())
	a.bring(e.GetContents())
	row := state.JobRun{
		ID:          e.GetJobRunId(),
		Application: e.GetApplicationId(),
		Release:     e.GetReleaseLabel(),
		CreatedBy:   e.GetCreatedBy(),
		Spec:        e.GetSpec(),
		Shape:       wire.ShapeOf(e.GetShape()),
		Inherited:   a.content(e.GetInheritedDigest()),
		Launch:      a.content(e.GetLaunchDigest()),
		Priority:    wire.PriorityOf(e.Priority),
		Attempt:     1,
		Created:     a.now,
	}
	a.enter(row, state.RunSubmitted)
	a.tx.PutAttempt(state.Attempt{
		Run:     row.ID,
		Number:  1,
		State:   state.AttemptWaiting,
		Created: a.now,
	})
}

func (a *applier) jobRunAdmitted(e *eventv1.JobRunAdmitted) {
	row := a.run(e.GetJobRunId())
	a.must(row.State == state.RunSubmitted || row.State == state.RunQueued, "run %s is %s and cannot be admitted",
		row.ID, row.State)
	a.queued(&row, e.GetQueuedMilliseconds())
	a.enter(row, state.RunPending)
}

func (a *applier) jobRunQueued(e *eventv1.JobRunQueued) {
	row := a.run(e.GetJobRunId())
	a.must(row.State == state.RunSubmitted, "run %s is %s and cannot be queued", row.ID, row.State)
	a.enter(row, state.RunQueued)
}

// jobRunTagged is the one event that changes a run that is over.
func (a *applier) jobRunTagged(e *eventv1.JobRunTagged) {
	row := a.tx.View().JobRun(e.GetJobRunId())
	a.must(row != nil, "there is no run %s", e.GetJobRunId())
	changed := *row
	changed.Spec = spec.WithTags(row.Spec, tagged(row.Spec.GetTags(), e.GetSet(), e.GetRemoved()))
	changed.Updated = a.now
	a.tx.PutJobRun(changed)
}

func (a *applier) jobRunCancelRequested(e *eventv1.JobRunCancelRequested) {
	row := a.run(e.GetJobRunId())
	a.must(row.State != state.RunCancelling, "run %s is being cancelled already", row.ID)
	row.Failure = wire.FailureOf(e.GetReason())
	row.GraceSeconds = e.GetGraceSeconds()
	row.CancelledBy = e.GetRequestedBy()
	a.queued(&row, e.GetQueuedMilliseconds())
	a.enter(row, state.RunCancelling)
}

func (a *applier) jobRunEnded(e *eventv1.JobRunEnded) {
	row := a.run(e.GetJobRunId())
	row.Ended = a.now
	row.Launch = ""
	a.queued(&row, e.GetQueuedMilliseconds())
	if e.GetFailure() != nil {
		row.Failure = wire.FailureOf(e.GetFailure())
	}
	a.enter(row, state.JobRunState(e.GetState()))
	application := a.application(row.Application)
	application.IdleSince = a.now
	a.tx.PutApplication(application)
}
