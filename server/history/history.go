package history

import (
	"context"
	"iter"
	"sync"

	"github.com/headrace/headrace/fsm"
	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/ident"
	"github.com/headrace/headrace/server/history/segment"
)

// maxRemembered bounds the runs of which it is remembered who submitted them.
const maxRemembered = 1024

// History finds runs in segments. Its methods may be called by many goroutines. A nil History finds
// nothing in any view.
type History struct {
	replicas *Replicas
	bounds   bounds

	mu        sync.Mutex
	submitted map[string]string // run → who submitted it
}

// New returns the history that lies in segments.
func New(replicas *Replicas) *History {
	return &History{replicas: replicas, bounds: usual(), submitted: map[string]string{}}
}

// Recall returns a view that has a run, though it left the state of the view: as it was, with all that belongs to it. A
// run that is in the state, or nowhere, gives the view itself. A segment that cannot be read is an error only if none
// of the others has the run.
func (h *History) Recall(ctx context.Context, view *state.View, run string) (*state.View, error) {
	if h == nil || !ident.Valid(run) || view.JobRun(run) != nil {
		return view, nil
	}
	return h.recall(ctx, view, run, (*segment.Index).Run, func(yield func(*state.Segment) bool) {
		for of := range view.Segments("") {
			if of.LastRun < run {
				return // they are in this order
			}
			if run >= of.FirstRun && !yield(of) {
				return
			}
		}
	})
}

// RecallWorker is Recall for the run of a worker.
func (h *History) RecallWorker(ctx context.Context, view *state.View, worker string) (*state.View, error) {
	if h == nil || !ident.Valid(worker) || view.Worker(worker) != nil {
		return view, nil
	}
	return h.recall(ctx, view, worker, (*segment.Index).Worker, func(yield func(*state.Segment) bool) {
		for of := range view.Segments("") {
			if worker >= of.FirstWorker && worker <= of.LastWorker && !yield(of) {
				return
			}
		}
	})
}

// searched finds an id in the index of a segment: the row of its run, or -1.
type searched func(x *segment.Index, id string) (row int, err error)

// recall returns a view that has the run which a search for an id finds in one of the segments.
func (h *History) recall(
	ctx context.Context, view *state.View, id string, search searched, segments iter.Seq[*state.Segment],
) (*state.View, error) {
	s := h.session(ctx)
	defer s.close()
	var failures unread
	for of := range segments {
		finished, err := s.find(of, id, search)
		if err == nil && finished.Run != nil {
			return h.recalled(view, finished), nil
		}
		failures.add(err)
	}
	return view, failures.of(id)
}

// unread are the segments of a search that could not be read.
type unread struct {
	first error
	n     int
}

func (u *unread) add(err error) {
	if err == nil {
		return
	}
	if u.n++; u.n == 1 {
		u.first = err
	}
}

// of is the error of an id that was not found; nil: all could be read.
func (u *unread) of(id string) error {
	switch u.n {
	case 0:
		return nil
	case 1:
		return u.first
	}
	return errs.New(errs.Unavailable, "cannot say whether the history has %s, %d segments of it cannot be read: %w",
		id, u.n, u.first)
}

// recalled returns a view that has runs again.
func (h *History) recalled(view *state.View, finished ...fsm.Finished) *state.View {
	if len(finished) == 0 {
		return view
	}
	h.remember(finished)
	return fsm.Recall(view, finished...)
}

// remember notes who submitted runs.
func (h *History) remember(finished []fsm.Finished) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, f := range finished {
		if len(h.submitted) >= maxRemembered {
			h.submitted = map[string]string{}
		}
		h.submitted[f.Run.GetJobRun().GetJobRunId()] = f.Run.GetJobRun().GetCreatedBy()
	}
}

// SubmittedBy returns who submitted a run that left the state of a view; empty: it is nowhere, or cannot be read now.
func (h *History) SubmittedBy(ctx context.Context, view *state.View, run string) string {
	if h == nil {
		return ""
	}
	h.mu.Lock()
	who, known := h.submitted[run]
	h.mu.Unlock()
	if known {
		return who
	}
	view, err := h.Recall(ctx, view, run)
	if err != nil || view.JobRun(run) == nil {
		return ""
	}
	return view.JobRun(run).CreatedBy
}

// find reads the run in the row that a search for an id finds; none: it finds none.
func (s *session) find(of *state.Segment, id string, search searched) (finished fsm.Finished, err error) {
	row := -1
	err = s.search(of, func(x *segment.Index) (err error) {
		row, err = search(x, id)
		return err
	})
	if err != nil || row < 0 {
		return finished, err
	}
	return s.read(of, row, id)
}
