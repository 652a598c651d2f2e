package dispatch

import (
	"testing"

	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/resource"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
)

// A renewal says all of a node's slots anew, and nothing of other nodes' slots.
func TestD4_ARenewalSaysInWhichSlotsProcessesWait(t *testing.T) {
	w := &warmths{}
	w.set("n", &agentv1.Renew{WarmSlots: []string{"a"}, WarmingSlots: []string{"b"}})
	w.set("n", &agentv1.Renew{WarmSlots: []string{"b"}})
	if w.get("n", "a") != NotWarm || w.get("n", "b") != Warm || w.get("other", "b") != NotWarm {
		t.Errorf("it knows %v", w.nodes)
	}
	w.forget(func(node string) bool { return node == "n" })
	if len(w.nodes) > 0 {
		t.Errorf("it still knows %v", w.nodes)
	}
	many := &agentv1.Renew{WarmSlots: make([]string, resource.MaxSlots), WarmingSlots: []string{"b"}}
	if err := checkRenew(many); !errs.Is(err, errs.TooLarge) {
		t.Errorf("a renewal that names too many slots: %v", err)
	}
}
