package scheduler

import (
	"reflect"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// TestPlan_OfHigherPrioritiesDoesNotDependOnLowerOnes: what is placed of a priority and of those above it is the same
// if nothing below is asked for.
func TestPlan_OfHigherPrioritiesDoesNotDependOnLowerOnes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := drawInput(t)
		least := drawPriority(t)
		higher := map[string]bool{}
		for i := range in.Waiting {
			higher[in.Waiting[i].Run] = in.Waiting[i].Priority >= least
		}
		for i := range in.Growing {
			higher[in.Growing[i].Run] = in.Growing[i].Priority >= least
		}
		lower := func(p Placement) bool { return !higher[p.Run] }
		got := slices.DeleteFunc(Plan(in).Placements, lower)
		in.Waiting = slices.DeleteFunc(in.Waiting, func(r Request) bool { return r.Priority < least })
		in.Growing = slices.DeleteFunc(in.Growing, func(g Growth) bool { return g.Priority < least })
		if want := Plan(in).Placements; len(got)+len(want) > 0 && !reflect.DeepEqual(got, want) {
			t.Fatalf("with lower ones it places\n%s\nand without\n%s",
				describe(Output{Placements: got}), describe(Output{Placements: want}))
		}
	})
}
