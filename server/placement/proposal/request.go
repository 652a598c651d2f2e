package proposal

import (
	"time"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/label"
	"github.com/headrace/headrace/internal/spec"
	"github.com/headrace/headrace/scheduler"
)

// request asks for a waiting attempt's driver and initial set, unless it has to wait for something else first.
func (b *builder) request(run *state.JobRun) {
	attempt := b.View.Attempt(run.ID, run.Attempt)
	switch {
	case b.View.HasLiveWorkers(run.ID):
		b.wait(run, WaitOldWorkers, "workers of its last attempt are still being stopped")
		return
	case b.Now.Before(attempt.NotBefore):
		b.later(attempt.NotBefore)
		b.wait(run, WaitBackoff, "attempt %d begins at %s", attempt.Number, attempt.NotBefore.Format(time.RFC3339))
		return
	}
	b.proposal.Input.Waiting = append(b.proposal.Input.Waiting, b.requestOf(run, attempt))
}

// requestOf returns the request of an attempt that waits.
func (b *builder) requestOf(run *state.JobRun, attempt *state.Attempt) scheduler.Request {
	return scheduler.Request{
		Run:         run.ID,
		Application: run.Application,
		Attempt:     run.Attempt,
		Priority:    run.Priority,
		Submitted:   state.Nano(run.Created),
		Since:       state.Nano(run.Entered),
		Longest:     int64(longest(run, b.Limits)),
		Driver:      run.Shape.DriverSize,
		Worker:      run.Shape.WorkerSize,
		DriverRole:  scheduler.Role(run.Shape.Driver),
		WorkerRole:  scheduler.Role(run.Shape.Worker),
		Initial:     run.Shape.Initial,
		Minimum:     run.Shape.Minimum,
		AvoidZone:   attempt.AvoidZone,
		AvoidNode:   attempt.AvoidNode,
		Needs:       b.needsOf(run, attempt.Refused),
	}
}

// needsOf says what workers of a run ask of a node.
func (b *builder) needsOf(run *state.JobRun, avoid []string) scheduler.Needs {
	application := b.View.Application(run.Application)
	return b.needs(application, run.Release, run.Nodes(application), avoid)
}

// needs says what workers of an application ask of a node.
func (b *builder) needs(
	application *state.Application, release string, nodes *label.Rules, avoid []string,
) scheduler.Needs {
	n := scheduler.Needs{Architecture: application.Architecture, Avoid: avoid, Nodes: nodes}
	if release != spec.ProcessRelease {
		n.Release = release
		n.ReleaseCached = b.View.Release(release) != nil
	}
	return n
}
