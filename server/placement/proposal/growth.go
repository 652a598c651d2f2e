package proposal

import (
	"time"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/backoff"
	"github.com/headrace/headrace/scheduler"
	"github.com/headrace/headrace/server/command"
)

// CycleTime is the time in which a run is given at most its batch of workers.
const CycleTime = time.Second

// The shortest and the longest pause between the death of a worker and the placement of the next, after several in a
// row.
const (
	firstDeathBackoff = time.Second
	maxDeathBackoff   = time.Minute
)

// grow asks for the workers that a running attempt wants and does not have, as many as pacing allows now.
func (b *builder) grow(run *state.JobRun) {
	attempt := b.View.Attempt(run.ID, run.Attempt)
	if !attempt.State.Active() {
		return
	}
	count := b.missing(run, attempt)
	if count == 0 {
		return
	}
	if until := backoffEnd(b.View, attempt); b.Now.Before(until) {
		b.later(until)
		b.wait(run, WaitExecutors,
			"%d workers died in a row; the next is placed at %s", attempt.Deaths, until.Format(time.RFC3339))
		return
	}
	if count = min(count, b.allowed(run)); count == 0 {
		return
	}
	b.proposal.Input.Growing = append(b.proposal.Input.Growing, scheduler.Growth{
		Run:         run.ID,
		Application: run.Application,
		Attempt:     run.Attempt,
		Priority:    run.Priority,
		Submitted:   state.Nano(run.Created),
		Ends:        state.Nano(endOf(run, attempt.Scheduled, b.Limits)),
		Zone:        attempt.Zone,
		Worker:      run.Shape.WorkerSize,
		WorkerRole:  scheduler.Role(run.Shape.Worker),
		Count:       count,
		Needs:       b.growthNeeds(run, attempt),
	})
}

// missing counts the workers that the attempt wants beside those that live: a Spark driver says how many, a PROCESS run
// wants each of its tasks that has not ended well. Executors on their way out are not wanted, and count for the run's
// maximum until they are gone.
func (b *builder) missing(run *state.JobRun, attempt *state.Attempt) uint32 {
	if run.Shape.Worker == state.TypeTask {
		return command.MissingTasks(b.View, run, attempt)
	}
	target := min(b.Demands.Target(run.ID, run.Attempt), run.Shape.Maximum)
	if target == 0 {
		return 0
	}
	stay := b.live(run, func(*state.Worker) bool { return true })
	all := uint32(0)
	for w := range b.View.LiveWorkersOfRun(run.ID) {
		if w.Number != 0 {
			all++
		}
	}
	return min(target-min(target, stay), run.Shape.Maximum-min(run.Shape.Maximum, all))
}

// live counts the attempt's workers, without the driver, that stay and for which as holds.
func (b *builder) live(run *state.JobRun, as func(*state.Worker) bool) (n uint32) {
	for w := range b.View.LiveWorkersOfRun(run.ID) {
		if w.Number != 0 && as(w) && w.Leaving == 0 && !b.Demands.Stops(run.ID, run.Attempt, w.Number) {
			n++
		}
	}
	return n
}

// allowed returns how many workers the run may be given now: what is left of its batch in this cycle. If the run is
// paced, it is no more than its batch less the workers that nodes have not started yet.
func (b *builder) allowed(run *state.JobRun) uint32 {
	c := b.memory.cycle(run.ID, b.Now)
	if c.given >= run.Shape.Batch {
		b.later(c.began.Add(CycleTime))
		return 0
	}
	if c.given > 0 { // then it may be given more
		b.later(c.began.Add(CycleTime))
	}
	left := run.Shape.Batch - c.given
	if run.Shape.Paced {
		starting := b.live(run, func(w *state.Worker) bool { return w.State == state.WorkerPlaced })
		left = min(left, run.Shape.Batch-min(run.Shape.Batch, starting))
	}
	return left
}

// backoffEnd returns when the next worker may be placed after some died in a row. One death is replaced at once, then
// the wait doubles.
func backoffEnd(view *state.View, attempt *state.Attempt) time.Time {
	if attempt.Deaths < 2 {
		return time.Time{}
	}
	pause := backoff.After(attempt.Deaths-1, firstDeathBackoff, maxDeathBackoff)
	return lastDeath(view, attempt).Add(pause)
}

func lastDeath(view *state.View, attempt *state.Attempt) (last time.Time) {
	for w := range view.WorkersOfAttempt(attempt.Run, attempt.Number) {
		if w.Number != 0 && w.Ended.After(last) {
			last = w.Ended
		}
	}
	return last
}

// growthNeeds adds the nodes that refused to start a worker of the attempt since it runs.
func (b *builder) growthNeeds(run *state.JobRun, attempt *state.Attempt) scheduler.Needs {
	n := b.needsOf(run, attempt.Refused)
	if attempt.Deaths == 0 {
		return n
	}
	n.Avoid = append([]string{}, n.Avoid...)
	for w := range b.View.WorkersOfAttempt(run.ID, attempt.Number) {
		if w.Exit.Reason == state.ExitStartRefused {
			n.Avoid = append(n.Avoid, w.Node)
		}
	}
	return n
}
