package explanation

import (
	"cmp"
	"slices"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/resource"
)

// maxHolders bounds how many holders are named.
const maxHolders = 10

// Holder is somebody who holds something: a run or, without one, the free pre-initialised slots of an application.
type Holder struct {
	Application string
	Run         string
	Holds       resource.Vector
}

type sum = resource.Vector

// add sums up the slots that count, by their holders. The run that is explained is no holder.
func (s Source) add(held map[Holder]sum, counts func(*state.Slot) bool) {
	for slot := range s.View.Slots() {
		holder := Holder{Application: slot.Application}
		if w := s.View.Worker(slot.Worker); w != nil {
			holder.Run = w.Run
		}
		if holder.Run != s.Run.ID && counts(slot) {
			held[holder] = held[holder].Add(slot.Size.Vector)
		}
	}
}

// largest returns the holders, the largest first: by CPU, then by memory, then by name.
func largest(held map[Holder]sum) []Holder {
	var all []Holder
	for holder, holds := range held {
		holder.Holds = holds
		all = append(all, holder)
	}
	slices.SortFunc(all, func(a, b Holder) int {
		return cmp.Or(
			cmp.Compare(b.Holds.MilliCPU, a.Holds.MilliCPU),
			cmp.Compare(b.Holds.MemoryMiB, a.Holds.MemoryMiB),
			cmp.Compare(a.Application, b.Application),
			cmp.Compare(a.Run, b.Run),
		)
	})
	return all[:min(len(all), maxHolders)]
}
