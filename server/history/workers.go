package history

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/headrace/headrace/fsm"
	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/server/history/segment"
)

// WorkersWithin returns a view that has the runs of the first n workers of the history whose id begins with a prefix
// and comes after another one. The view has all workers up to the id through; empty: it has all. A call that has looked
// at as many indexes as one may ends at the first worker of the next segment, unless that would be no step ahead.
func (h *History) WorkersWithin(
	ctx context.Context, view *state.View, prefix, after string, n int,
) (all *state.View, through string, err error) {
	if h == nil {
		return view, "", nil
	}
	s := h.session(ctx)
	defer s.close()
	first, err := s.firstWorkers(withWorkers(view, prefix, after), prefix, after, firstWorkers{most: n}, h.bounds.indexes)
	if err != nil {
		return nil, "", err
	}
	var runs []fsm.Finished
	for _, w := range first.eachRun() {
		finished, err := s.read(w.of, w.row, w.id)
		if err != nil {
			return nil, "", err
		}
		runs = append(runs, finished)
	}
	return h.recalled(view, runs...), first.through(), nil
}

// withWorkers returns the segments that may have workers whose id begins with a prefix and comes after another one, by
// their first worker.
func withWorkers(view *state.View, prefix, after string) (all []*state.Segment) {
	for of := range view.Segments("") {
		if of.LastWorker > after && of.LastWorker >= prefix && of.FirstWorker <= prefix+"~" {
			all = append(all, of)
		}
	}
	slices.SortFunc(all, func(a, b *state.Segment) int { return strings.Compare(a.FirstWorker, b.FirstWorker) })
	return all
}

// firstWorkers adds the first workers of segments, which are in order, as far as so many indexes go.
func (s *session) firstWorkers(
	segments []*state.Segment, prefix, after string, first firstWorkers, indexes int,
) (firstWorkers, error) {
	for i, of := range segments {
		if first.past(of.FirstWorker) {
			break
		}
		if end := idBefore(of.FirstWorker); i >= indexes && end > after {
			first.cut(end)
			break
		}
		err := s.search(of, func(x *segment.Index) error {
			found, err := x.WorkersFrom(prefix, after, first.most)
			if err == nil {
				first.add(of, found)
			}
			return err
		})
		if err != nil {
			return first, err
		}
	}
	return first, nil
}

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
	end   string        // nothing is known of the workers after it; empty: of all it is
}

// past says whether workers from an id on are no more among the first.
func (f *firstWorkers) past(id string) bool {
	return len(f.found) >= f.most && id > f.found[f.most-1].id
}

// through returns the id after which there may be more; empty: there are no more.
func (f *firstWorkers) through() string {
	if len(f.found) < f.most {
		return f.end
	}
	return f.found[f.most-1].id
}

// cut leaves out the workers after an id: there may be others among them.
func (f *firstWorkers) cut(end string) {
	f.end = end
	f.found = slices.DeleteFunc(f.found, func(w foundWorker) bool { return w.id > end })
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
