package proposal

import (
	"time"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/scheduler"
	"github.com/headrace/headrace/server/command"
)

// ending is how long a worker may take to be gone after it was told to stop, beyond its grace.
const ending = 3 * time.Minute

// occupants returns the workers on a node that have slots of their own, and the pre-initialised slots that yield to
// higher priorities. Other pre-initialised slots stay when their worker goes.
func (s Source) occupants(node string) (all []scheduler.Occupant) {
	for w := range s.View.LiveWorkersOfNode(node) {
		if w.Slot == "" {
			all = append(all, scheduler.Occupant{ID: w.ID, Size: w.Size.Vector, Ends: s.ends(w)})
		}
	}
	for slot := range s.View.PoolOfNode(node) {
		if command.SlotYields(s.View, s.Limits, slot, s.Now) {
			yields := command.YieldsTo(s.View.Application(slot.Application))
			all = append(all, scheduler.Occupant{ID: slot.ID, Size: slot.Size.Vector, Yields: yields})
		}
	}
	return all
}

// yields returns the lowest priority to which a slot may yield; 0: there is none.
func (s Source) yields() (least uint32) {
	for application := range s.View.Applications("") {
		to := command.YieldsTo(application)
		if len(application.Initial) > 0 && (least == 0 || to < least) {
			least = to
		}
	}
	return least
}

// ends says when a worker is surely gone; 0: nobody knows. One that should be gone by now may take a while yet.
func (s Source) ends(w *state.Worker) int64 {
	run := s.View.JobRun(w.Run)
	attempt := s.View.Attempt(w.Run, w.Attempt)
	var at time.Time
	switch {
	case attempt.State.Over():
		at = attempt.Ended.Add(ending)
	case run.State == state.RunCancelling:
		at = run.Entered.Add(time.Duration(run.GraceSeconds)*time.Second + ending)
	case run.Timeout() == 0:
		return 0
	default:
		at = endOf(run, w.Placed, s.Limits)
	}
	if soon := s.Now.Add(ending); at.Before(soon) {
		at = soon
	}
	return state.Nano(at)
}

// endOf says when all workers of a run are surely gone that was placed at a time; the zero time: nobody knows.
func endOf(run *state.JobRun, placed time.Time, limits command.Limits) time.Time {
	switch {
	case run.Timeout() == 0:
		return time.Time{}
	case run.Started.IsZero():
		return placed.Add(longest(run, limits))
	}
	return run.Started.Add(run.Timeout() + ending)
}

// longest returns how long a run may hold its slots from its placement on; 0: for ever.
func longest(run *state.JobRun, limits command.Limits) time.Duration {
	if run.Timeout() == 0 {
		return 0
	}
	return limits.Scheduled + run.Timeout() + ending
}
