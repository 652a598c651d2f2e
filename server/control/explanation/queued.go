package explanation

import (
	"fmt"

	"github.com/headrace/headrace/fsm/state"
)

// queued explains a run that waits for one of its application's places: who has the places, and how many runs are
// before it.
func (s Source) queued() Explanation {
	application := s.application()
	counts := s.View.RunCounts(s.Run.Application)
	message := fmt.Sprintf(
		"it is number %d of %d in the queue of application %s, which may run %d at once and runs %d",
		s.position(),
		counts[state.RunQueued],
		application.ID,
		application.MaxRuns,
		counts.Placed(),
	)
	holders := s.places()
	return Explanation{
		Kind:     Queued,
		Message:  message + s.until(application.QueueTimeout),
		Holders:  holders,
		NextStep: s.nextStep(Queued, holders),
	}
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

// places names the runs that have the application's places. A run that waits for room has a place, and holds nothing.
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
