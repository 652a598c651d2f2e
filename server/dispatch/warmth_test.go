package dispatch

import (
	"testing"

	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/resource"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
)

// A renewal says all of a node's slots anew, and nothing of other nodes' slots. It is known while the session stands.
func TestD4_ARenewalSaysInWhichSlotsProcessesWait(t *testing.T) {
	d := New(Config{})
	l := &leadership{dispatch: d, sessions: map[string]*session{}}
	d.leadership.Store(l)
	s := &session{node: "n", leadership: l}
	l.sessions["n"] = s
	if d.Warmth("n", "a") != NotWarm {
		t.Error("before the first renewal it knows something")
	}
	s.takeWarmth(&agentv1.Renew{WarmSlots: []string{"a"}, WarmingSlots: []string{"b"}})
	if d.Warmth("n", "a") != Warm || d.Warmth("n", "b") != Warming {
		t.Errorf("it knows %v", *s.warmth.Load())
	}
	s.takeWarmth(&agentv1.Renew{WarmSlots: []string{"b"}})
	if d.Warmth("n", "a") != NotWarm || d.Warmth("n", "b") != Warm || d.Warmth("other", "b") != NotWarm {
		t.Errorf("it knows %v", *s.warmth.Load())
	}
	l.remove(s)
	s.takeWarmth(&agentv1.Renew{WarmSlots: []string{"b"}})
	if d.Warmth("n", "b") != NotWarm {
		t.Error("what came after the session is known")
	}
	many := &agentv1.Renew{WarmSlots: make([]string, resource.MaxSlots), WarmingSlots: []string{"b"}}
	if err := checkRenew(many); !errs.Is(err, errs.TooLarge) {
		t.Errorf("a renewal that names too many slots: %v", err)
	}
}
