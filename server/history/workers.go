package history

import (
	"cmp"
	"slices"
	"strings"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/server/history/segment"
)

// place is where a run lies.
type place struct {
	of  *state.Segment
	row int
}

// foundWorker is a worker, and where its run lies.
type foundWorker struct {
	id string
	place
}

// firstWorkers keeps the workers with the lowest ids of all segments.
type firstWorkers struct {
	most  int
	found []foundWorker // in order
}

// past says whether workers from an id on are no more among the first.
func (f *firstWorkers) past(id string) bool {
	return len(f.found) >= f.most && id > f.found[f.most-1].id
}

// through returns the id after which there may be more; empty: there are no more.
func (f *firstWorkers) through() string {
	if len(f.found) < f.most {
		return ""
	}
	return f.found[f.most-1].id
}

// add takes what was found in a segment.
func (f *firstWorkers) add(of *state.Segment, found []segment.Found) {
	for _, w := range found {
		f.found = append(f.found, foundWorker{w.ID, place{of, w.Row}})
	}
	slices.SortFunc(f.found, func(a, b foundWorker) int { return strings.Compare(a.id, b.id) })
	f.found = f.found[:min(len(f.found), f.most)]
}

// eachRun returns a worker of each run that one of them is of, by where it lies.
func (f *firstWorkers) eachRun() []foundWorker {
	all := slices.Clone(f.found)
	slices.SortFunc(all, func(a, b foundWorker) int {
		return cmp.Or(strings.Compare(a.of.Name(), b.of.Name()), cmp.Compare(a.row, b.row))
	})
	return slices.CompactFunc(all, func(a, b foundWorker) bool { return a.place == b.place })
}
