package demand

import (
	"slices"
	"testing"

	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
)

func TestStore_TellsNewsOnly(t *testing.T) {
	s := NewStore()
	changed := s.Changed()
	if !s.Set(&agentv1.Demand{JobRunId: "r", Attempt: 1, Target: 2, Stop: []uint32{7}}) {
		t.Error("the first demand is no news")
	}
	select {
	case <-changed:
	default:
		t.Error("nobody was told of the first demand")
	}
	changed = s.Changed()
	if s.Set(&agentv1.Demand{JobRunId: "r", Attempt: 1, Target: 2, Stop: []uint32{7}}) {
		t.Error("the same demand is news")
	}
	select {
	case <-changed:
		t.Error("somebody was told of the same demand")
	default:
	}
	if !s.Stops("r", 1, 7) || s.Stops("r", 1, 8) || s.Stops("r", 2, 7) || s.Stops("other", 1, 7) {
		t.Error("the wrong executors are stopped")
	}
	if s.Get("r", 2).GetTarget() != 0 || s.Get("r", 1).GetTarget() != 2 {
		t.Error("attempts share a demand")
	}
}

func TestStore_ForgetsWhatIsOver(t *testing.T) {
	s := NewStore()
	for n := range uint32(3) {
		s.Set(&agentv1.Demand{JobRunId: "r", Attempt: n})
	}
	s.Forget(func(at Attempt) bool { return at.Number < 2 })
	if s.Get("r", 0) != nil || s.Get("r", 1) != nil || s.Get("r", 2) == nil {
		t.Error("the wrong demands were forgotten")
	}
}

// TestStore_ForgettingAnAttemptKeepsTheNewsOfTheNext has a run's next attempt say something before its last one is
// forgotten.
func TestStore_ForgettingAnAttemptKeepsTheNewsOfTheNext(t *testing.T) {
	s := NewStore()
	s.Set(&agentv1.Demand{JobRunId: "r", Attempt: 1})
	s.Set(&agentv1.Demand{JobRunId: "r", Attempt: 2, Target: 3})
	s.Forget(func(at Attempt) bool { return at.Number == 1 })
	if news := s.TakeNews(); !slices.Equal(news, []string{"r"}) {
		t.Errorf("the news are %v", news)
	}
	changed := s.Changed()
	s.Forget(func(Attempt) bool { return true })
	select {
	case <-changed:
	default:
		t.Error("nobody was told that a demand is gone")
	}
	if news := s.TakeNews(); !slices.Equal(news, []string{"r"}) {
		t.Errorf("when all is forgotten the news are %v", news)
	}
}
