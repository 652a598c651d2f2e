package avoidance

import (
	"slices"
	"testing"
	"time"
)

var start = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

func TestStore_DoublesToTenMinutes(t *testing.T) {
	s := NewStore()
	now := start
	for _, minutes := range []time.Duration{1, 2, 4, 8, 10, 10} {
		length := minutes * time.Minute
		s.Refused("a", "n1", now)
		s.Refused("a", "n1", now.Add(time.Second)) // the second slot of the same spell
		if got := s.Nodes("a", now.Add(length-1)); !slices.Equal(got, []string{"n1"}) {
			t.Errorf("a moment before %s are over: %v", length, got)
		}
		now = now.Add(length)
		if got := s.Nodes("a", now); len(got) != 0 {
			t.Errorf("after %s still avoided: %v", length, got)
		}
	}
}

func TestStore_IsPerNodeAndApplication(t *testing.T) {
	s := NewStore()
	s.Refused("a", "n2", start)
	s.Refused("a", "n1", start)
	s.Refused("b", "n3", start)
	if got := s.Nodes("a", start); !slices.Equal(got, []string{"n1", "n2"}) {
		t.Errorf("a avoids %v", got)
	}
	if got := s.Nodes("c", start); got != nil {
		t.Errorf("c avoids %v", got)
	}
	s.Clear()
	if got := s.Nodes("a", start); got != nil {
		t.Errorf("after a change of leader a avoids %v", got)
	}
}

func TestStore_ForgetsWhatNoLongerCounts(t *testing.T) {
	s := NewStore()
	s.Refused("a", "n1", start)
	s.Forget(start.Add(First + Max))
	if len(s.nodes) != 1 {
		t.Error("a spell is forgotten that still doubles the next")
	}
	s.Forget(start.Add(First + Max + 1))
	if len(s.nodes) != 0 {
		t.Error("an old spell is kept")
	}
}
