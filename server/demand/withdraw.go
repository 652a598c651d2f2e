package demand

import (
	"cmp"
	"slices"

	"github.com/headrace/headrace/fsm/state"
)

// Withdraw gives up executors of a paced run that its driver no longer waits for. If the driver wants fewer than there
// are, those that are placed and do not run yet are stopped, the newest number first. What was given up stays so,
// whatever the driver says later, because its node may have been told. Without a demand nobody knows what the driver
// wants, and nothing is given up. It returns what is given up now and was not before.
func (s *Store) Withdraw(view *state.View, run *state.JobRun) (now []*state.Worker) {
	if !run.Shape.Paced {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	at := Attempt{run.ID, run.Attempt}
	wanted, known := s.newest[at]
	if !known {
		return nil
	}
	live, starting := s.live(at, view)
	surplus := live - min(live, int(wanted.GetTarget()))
	now = starting[:min(len(starting), surplus)]
	s.withdraw(at, now)
	return now
}

// live counts the executors of an attempt that stay, and returns those of them that do not run yet, the newest number
// first. The caller holds the lock.
func (s *Store) live(at Attempt, view *state.View) (n int, starting []*state.Worker) {
	for w := range view.LiveWorkersOfRun(at.Run) {
		if w.Number == 0 || w.Leaving != 0 || s.stops(at, w.Number) {
			continue
		}
		n++
		if w.State == state.WorkerPlaced {
			starting = append(starting, w)
		}
	}
	slices.SortFunc(starting, func(a, b *state.Worker) int { return cmp.Compare(b.Number, a.Number) })
	return n, starting
}

// withdraw notes what is given up. The caller holds the lock.
func (s *Store) withdraw(at Attempt, workers []*state.Worker) {
	if len(workers) == 0 {
		return
	}
	if s.withdrawn[at] == nil {
		s.withdrawn[at] = map[uint32]bool{}
	}
	for _, w := range workers {
		s.withdrawn[at][w.Number] = true
	}
	s.tell(at.Run)
}
