package command

import (
	"time"

	"github.com/headrace/headrace/fsm"
	"github.com/headrace/headrace/fsm/state"
	eventv1 "github.com/headrace/headrace/proto/headrace/event/v1"
)

// settleRun ends a run that is being cancelled once all its workers are gone.
func settleRun(d *fsm.Draft, id string) {
	run := d.View().JobRun(id)
	if run.State == state.RunCancelling && !d.View().HasLiveWorkers(id) {
		endRun(d, run, state.RunCancelled, run.Failure)
	}
}

// succeed ends a run whose driver ended well. Its other workers are stopped, and free their room as they end.
func succeed(d *fsm.Draft, run *state.JobRun) {
	d.Add(&eventv1.AttemptEnded{
		JobRunId: run.ID,
		Attempt:  run.Attempt,
		State:    eventv1.AttemptState_ATTEMPT_STATE_SUCCEEDED,
	})
	endRun(d, run, state.RunSuccess, state.Failure{})
}

// failAttempt fails a run's attempt, and either creates the next one or ends the run. The node is the one where it
// failed, which the next attempt avoids; it may be empty. Its zone is avoided, too, unless only the node drains.
func failAttempt(d *fsm.Draft, limits Limits, run *state.JobRun, failure state.Failure, node string) {
	attempt := d.View().Attempt(run.ID, run.Attempt)
	d.Add(&eventv1.AttemptEnded{
		JobRunId: run.ID,
		Attempt:  run.Attempt,
		State:    eventv1.AttemptState_ATTEMPT_STATE_FAILED,
		Failure:  failed(failure),
	})
	run = d.View().JobRun(run.ID)
	if !retryLeft(run, d.Now()) {
		endRun(d, run, state.RunFailed, failure)
		return
	}
	zone := attempt.Zone
	if failure.Kind == state.FailedNodeDrained {
		zone = ""
	}
	d.Add(&eventv1.AttemptCreated{
		JobRunId:          run.ID,
		Attempt:           run.Attempt + 1,
		AvoidZone:         zone,
		AvoidNode:         node,
		NotBeforeUnixNano: state.Nano(d.Now().Add(backoff(limits, run, d.Now()))),
	})
}

// retryLeft applies the run's retry policy to its failures, the newest included. A streaming run ends if as many
// attempts as its policy says failed within an hour.
func retryLeft(run *state.JobRun, now time.Time) bool {
	if !run.Streaming() {
		return run.Counted() < run.Spec.GetRetryPolicy().GetMaxAttempts()
	}
	return failuresWithin(run, now, time.Hour) < int(run.Spec.GetRetryPolicy().GetMaxFailedAttemptsPerHour())
}

func failuresWithin(run *state.JobRun, now time.Time, span time.Duration) (n int) {
	for _, at := range run.Failures {
		if now.Sub(at) < span {
			n++
		}
	}
	return n
}

// backoff returns how long the next attempt waits. It doubles with every failure within the last hour.
func backoff(limits Limits, run *state.JobRun, now time.Time) time.Duration {
	wait := limits.BackoffFirst
	for range failuresWithin(run, now, time.Hour) - 1 {
		wait = min(2*wait, limits.BackoffMax)
	}
	return wait
}

// endRun makes a run terminal. The next run in the queue gets its place, and the application is idle or stopped if it
// was the last.
func endRun(d *fsm.Draft, run *state.JobRun, to state.JobRunState, failure state.Failure) {
	d.Add(&eventv1.JobRunEnded{
		JobRunId:           run.ID,
		State:              eventv1.JobRunState(to),
		Failure:            failed(failure),
		QueuedMilliseconds: queued(d, run),
	})
	admitQueued(d, run.Application)
	settleApplication(d, run.Application)
}
