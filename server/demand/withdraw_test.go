package demand

import (
	"slices"
	"testing"

	"github.com/headrace/headrace/fsm/state"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
)

// attempt is a view of run r with its driver and executors 1 to 5, of which the first two run. Ids do not sort as
// numbers do.
func attempt() *state.View {
	tx := state.New().Begin()
	for number, id := range []string{"f", "c", "a", "e", "b", "d"} {
		worker := state.Worker{
			ID:      id,
			Run:     "r",
			Attempt: 1,
			Number:  uint32(number),
			Node:    "n",
			State:   state.WorkerPlaced,
		}
		if number < 3 {
			worker.State = state.WorkerRunning
		}
		tx.PutWorker(worker)
	}
	return tx.Commit()
}

var paced = &state.JobRun{ID: "r", Attempt: 1, Shape: state.Shape{Paced: true}}

func numbers(workers []*state.Worker) (all []uint32) {
	for _, w := range workers {
		all = append(all, w.Number)
	}
	return all
}

func TestWithdraw_TheNewestThatDoNotRun(t *testing.T) {
	for _, c := range []struct {
		target uint32
		stop   []uint32
		want   []uint32
	}{
		{5, nil, nil},
		{9, nil, nil},
		{4, nil, []uint32{5}},
		{3, nil, []uint32{5, 4}},
		{0, nil, []uint32{5, 4, 3}},
		{3, []uint32{1, 5}, nil},
		{2, []uint32{5}, []uint32{4, 3}},
	} {
		s := NewStore()
		s.Set(&agentv1.Demand{JobRunId: "r", Attempt: 1, Target: c.target, Stop: c.stop})
		if got := numbers(s.Withdraw(attempt(), paced)); !slices.Equal(got, c.want) {
			t.Errorf("target %d without %v withdraws %v, not %v", c.target, c.stop, got, c.want)
		}
	}
}

func TestWithdraw_IsForEver(t *testing.T) {
	s := NewStore()
	view := attempt()
	s.Set(&agentv1.Demand{JobRunId: "r", Attempt: 1, Target: 4})
	changed := s.Changed()
	s.Withdraw(view, paced)
	select {
	case <-changed:
	default:
		t.Error("nobody was told")
	}
	if again := s.Withdraw(view, paced); len(again) != 0 {
		t.Errorf("a second look withdraws %v more", numbers(again))
	}
	s.Set(&agentv1.Demand{JobRunId: "r", Attempt: 1, Target: 5})
	if !s.Stops("r", 1, 5) || s.Stops("r", 1, 4) || s.Stops("r", 2, 5) {
		t.Error("what was withdrawn is not what is stopped")
	}
	s.Forget(func(Attempt) bool { return true })
	if s.Stops("r", 1, 5) {
		t.Error("what was withdrawn is remembered beyond the attempt")
	}
}

func TestWithdraw_OnlyPacedRunsWhoseDriverHasSpoken(t *testing.T) {
	s := NewStore()
	if got := s.Withdraw(attempt(), paced); got != nil {
		t.Errorf("without a demand %v are withdrawn", numbers(got))
	}
	s.Set(&agentv1.Demand{JobRunId: "r", Attempt: 1})
	if got := s.Withdraw(attempt(), &state.JobRun{ID: "r", Attempt: 1}); got != nil {
		t.Errorf("of a run that is not paced %v are withdrawn", numbers(got))
	}
}
