package command

import (
	"fmt"
	"time"

	"github.com/headrace/headrace/fsm"
	"github.com/headrace/headrace/fsm/state"
	eventv1 "github.com/headrace/headrace/proto/headrace/event/v1"
)

// ExpireJobRun applies the deadlines of a run that waited, or ran, for too long.
type ExpireJobRun struct {
	JobRunID string
	Waits    string // why it waits for room, as the scheduler last said
}

// Decide applies the deadline of the run's state, if it is over.
func (c *ExpireJobRun) Decide(view *state.View, meta Meta) ([]*eventv1.Event, error) {
	run := view.JobRun(c.JobRunID)
	if run == nil || !Overdue(view, run, meta.Now, meta.Limits) {
		return nil, nil
	}
	d := draft(view, meta)
	waited := meta.Now.Sub(run.Entered).Round(time.Second)
	switch {
	case timedOut(run, meta.Now):
		message := fmt.Sprintf("it ran longer than its execution timeout of %s", run.Timeout())
		cancelRun(d, run, state.Failure{Kind: state.FailedTimeout, Message: message}, defaultGrace, "")
	case run.State == state.RunScheduled:
		node := view.Driver(run.ID, run.Attempt).Node
		returnAttempt(d, meta.Limits, run, node, fmt.Sprintf("its driver did not run within %s", waited))
	default:
		expireWait(d, run, c.waitedFor(view, run, meta.Limits, waited))
	}
	return d.Events(), nil
}

// waitedFor says for people what a run waited for too long.
func (c *ExpireJobRun) waitedFor(view *state.View, run *state.JobRun, limits Limits, waited time.Duration) string {
	switch run.State {
	case state.RunSubmitted:
		return fmt.Sprintf("its application did not start within %s: %s", waited, Unstarted(view, run.Application))
	case state.RunQueued:
		return fmt.Sprintf("none of the %d places of its application was free within %s",
			view.Application(run.Application).MaxRuns, waited)
	}
	return fmt.Sprintf("there was no room for it within %s: %s", waited, shortage(view, limits, run, c.Waits))
}

// FailAttempt fails a run whose attempt no node can be told to run, such as one whose workers' program is too large for
// a message.
type FailAttempt struct {
	JobRunID string
	Attempt  uint32
	Failure  state.Failure
}

// Decide fails the run if the attempt is still its newest and goes on. The retry policy does not matter: no node could
// be told of another attempt either. The run's workers are stopped.
func (c *FailAttempt) Decide(view *state.View, meta Meta) ([]*eventv1.Event, error) {
	run := view.JobRun(c.JobRunID)
	attempt := view.Attempt(c.JobRunID, c.Attempt)
	if run == nil || run.Attempt != c.Attempt || attempt == nil || attempt.State.Over() {
		return nil, nil
	}
	d := draft(view, meta)
	failForGood(d, run, c.Failure)
	return d.Events(), nil
}

// expireWait fails a run that waited too long, whatever its retry policy says: another attempt would wait as well.
func expireWait(d *fsm.Draft, run *state.JobRun, message string) {
	failForGood(d, run, state.Failure{Kind: state.FailedCapacity, Message: message})
}

// failForGood ends the attempt and its run.
func failForGood(d *fsm.Draft, run *state.JobRun, failure state.Failure) {
	d.Add(&eventv1.AttemptEnded{
		JobRunId: run.ID,
		Attempt:  run.Attempt,
		State:    eventv1.AttemptState_ATTEMPT_STATE_FAILED,
		Failure:  failed(failure),
	})
	endRun(d, d.View().JobRun(run.ID), state.RunFailed, failure)
}

// Unstarted says for people why an application is not started.
func Unstarted(view *state.View, id string) string {
	application := view.Application(id)
	if missing := PoolMissing(view, application); missing != "" && application.State == state.ApplicationStarting {
		return fmt.Sprintf("it is %s, %s", application.State, missing)
	}
	return fmt.Sprintf("it is %s", application.State)
}

// timedOut says whether a run that is not being cancelled has passed its execution timeout, which counts over all
// attempts.
func timedOut(run *state.JobRun, now time.Time) bool {
	end, bounded := timeoutEnd(run)
	return bounded && now.After(end)
}

func timeoutEnd(run *state.JobRun) (end time.Time, bounded bool) {
	bounded = run.Timeout() > 0 && run.State < state.RunCancelling && !run.Started.IsZero()
	return run.Started.Add(run.Timeout()), bounded
}

// Overdue says whether a run has passed the deadline of its state, or its execution timeout.
func Overdue(view *state.View, run *state.JobRun, now time.Time, limits Limits) bool {
	end, bounded := Deadline(view, run, limits)
	return bounded && now.After(end)
}

// Deadline returns the moment after which a run is overdue if nothing changes; false: it has none. It depends on the
// run's row, and on its application's QueueTimeout.
func Deadline(view *state.View, run *state.JobRun, limits Limits) (end time.Time, bounded bool) {
	end, bounded = waitEnd(view, run, limits)
	if timeout, timed := timeoutEnd(run); timed && (!bounded || timeout.Before(end)) {
		return timeout, true
	}
	return end, bounded
}

// waitEnd returns the deadline of a run's state.
func waitEnd(view *state.View, run *state.JobRun, limits Limits) (end time.Time, bounded bool) {
	switch run.State {
	case state.RunSubmitted:
		return run.Entered.Add(limits.Submitted), true
	case state.RunQueued:
		return run.Entered.Add(view.Application(run.Application).QueueTimeout), true
	case state.RunPending:
		return run.Entered.Add(limits.Pending), true
	case state.RunScheduled:
		return run.Entered.Add(limits.Scheduled), true
	}
	return time.Time{}, false
}

// StopIdleApplication stops an application that has had no work for its idle timeout.
type StopIdleApplication struct {
	ApplicationID string
}

// Decide stops the application, if it is still idle.
func (c *StopIdleApplication) Decide(view *state.View, meta Meta) ([]*eventv1.Event, error) {
	application := view.Application(c.ApplicationID)
	if application == nil || !Idle(view, application, meta.Now) {
		return nil, nil
	}
	d := draft(view, meta)
	idle := cause{reason: fmt.Sprintf("it was idle for %s", application.IdleTimeout)}
	stopApplication(d, meta.Limits, application, idle) // FinishStop does the rest
	return d.Events(), nil
}

// Idle says whether an application has had no work for its idle timeout.
func Idle(view *state.View, application *state.Application, now time.Time) bool {
	return application.State == state.ApplicationStarted && application.IdleTimeout > 0 &&
		now.Sub(application.IdleSince) > application.IdleTimeout && !view.HasUnfinished(application.ID)
}

// ForgetApplication removes a deleted application whose tombstone has expired, once no run refers to it.
type ForgetApplication struct {
	ApplicationID string
}

// Decide removes the application, if it may still be forgotten.
func (c *ForgetApplication) Decide(view *state.View, meta Meta) ([]*eventv1.Event, error) {
	application := view.Application(c.ApplicationID)
	if application == nil || !Forgettable(view, application, meta.Now, meta.Limits) {
		return nil, nil
	}
	d := draft(view, meta)
	d.Add(&eventv1.ApplicationForgotten{ApplicationId: c.ApplicationID})
	return d.Events(), nil
}

// Forgettable says whether a deleted application's tombstone has expired and no run refers to it.
func Forgettable(view *state.View, application *state.Application, now time.Time, limits Limits) bool {
	if application.State != state.ApplicationTerminated || now.Sub(application.Updated) <= limits.Tombstone {
		return false
	}
	for range view.JobRuns(application.ID, "") {
		return false
	}
	return true
}
