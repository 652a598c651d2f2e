package placement

import (
	"time"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/scheduler"
	"github.com/headrace/headrace/server/command"
)

// cycleTime is the time in which a run is given at most its batch of workers.
const cycleTime = time.Second

// maxDeathBackoff is the longest wait after a worker died, before the next is placed.
const maxDeathBackoff = time.Minute

// grow asks for the workers that a running attempt wants and has not.
func (p *Placement) grow(b *built, view *state.View, run *state.JobRun, now time.Time, memory *memory) {
	attempt := view.Attempt(run.ID, run.Attempt)
	if !attempt.State.Active() {
		return
	}
	missing := p.missing(view, run, attempt)
	if missing == 0 {
		return
	}
	if until := backoffEnd(view, attempt); now.Before(until) {
		b.later(until)
		b.wait(run, waitExecutors, "%d workers died in a row; the next is placed at %s", attempt.Deaths, until.Format(time.RFC3339))
		return
	}
	c := memory.cycles[run.ID]
	if now.Sub(c.began) >= cycleTime {
		c = cycle{began: now}
	}
	if c.given >= run.Shape.Batch {
		b.later(c.began.Add(cycleTime))
		return
	}
	b.input.Growing = append(b.input.Growing, scheduler.Growth{Run: run.ID, Application: run.Application, Attempt: run.Attempt,
		Submitted: state.Nano(run.Created), Zone: attempt.Zone, Worker: run.Shape.WorkerSize, Count: min(missing, run.Shape.Batch-c.given),
		Needs: growthNeeds(view, run, attempt)})
}

// missing counts the workers that the attempt wants beside those that live: a Spark driver says how many, a PROCESS run wants
// each of its tasks that has not ended well.
func (p *Placement) missing(view *state.View, run *state.JobRun, attempt *state.Attempt) uint32 {
	if run.Shape.Worker == state.TypeTask {
		return command.MissingTasks(view, run, attempt)
	}
	wanted := p.cfg.Demands.Get(run.ID, run.Attempt)
	target := min(wanted.GetTarget(), run.Shape.Maximum)
	if wanted == nil || target == 0 {
		return 0
	}
	live := uint32(0)
	for w := range view.LiveWorkersOfRun(run.ID) {
		if w.Number != 0 && !p.cfg.Demands.Stops(run.ID, run.Attempt, w.Number) {
			live++
		}
	}
	return target - min(target, live)
}

// backoffEnd is when the next worker may be placed after some died in a row: one death is replaced at once, then the wait
// doubles.
func backoffEnd(view *state.View, attempt *state.Attempt) time.Time {
	if attempt.Deaths < 2 {
		return time.Time{}
	}
	wait := time.Second
	for range attempt.Deaths - 2 {
		wait = min(2*wait, maxDeathBackoff)
	}
	return lastDeath(view, attempt).Add(wait)
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
func growthNeeds(view *state.View, run *state.JobRun, attempt *state.Attempt) scheduler.Needs {
	n := needs(view, run, attempt)
	if attempt.Deaths == 0 {
		return n
	}
	n.Avoid = append([]string{}, n.Avoid...)
	for w := range view.WorkersOfAttempt(run.ID, attempt.Number) {
		if w.Exit.Reason == state.ExitStartRefused {
			n.Avoid = append(n.Avoid, w.Node)
		}
	}
	return n
}
