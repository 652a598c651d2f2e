package explanation

import (
	"fmt"

	"github.com/headrace/headrace/fsm/state"
)

// queued explains a run that waits for one of its application's places: who has them, and how many are before it.
func (s Source) queued() Explanation {
	application, counts := s.application(), s.View.RunCounts(s.Run.Application)
	e := Explanation{Kind: Queued, Holders: s.places()}
	e.Message = fmt.Sprintf("it is number %d of %d in the queue of application %s, which may run %d at once and runs %d", s.position(),
		counts[state.RunQueued], application.ID, application.MaxRuns, counts.Placed()) + s.until(application.QueueTimeout)
	e.NextStep = s.stepOf(Queued, e.Holders)
	return e
}

// position counts the queue up to the run; the queue is in the order in which runs were submitted.
func (s Source) position() int {
	n := 1
	for run := range s.View.Unfinished(s.Run.Application) {
		if run.ID == s.Run.ID {
			break
		}
		if run.State == state.RunQueued {
			n++
		}
	}
	return n
}

// places names the runs that have the application's places. One that waits for room has a place, and holds nothing.
func (s Source) places() []Holder {
	held := map[Holder]sum{}
	for run := range s.View.Unfinished(s.Run.Application) {
		if run.State >= state.RunPending {
			held[Holder{Application: run.Application, Run: run.ID}] = sum{}
		}
	}
	s.add(held, func(slot *state.Slot) bool { return slot.Application == s.Run.Application && slot.Worker != "" })
	return largest(held)
}
