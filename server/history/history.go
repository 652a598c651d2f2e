package history

import (
	"context"
	"sync"

	"github.com/headrace/headrace/fsm"
	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/ident"
	"github.com/headrace/headrace/server/history/segment"
)

// maxRemembered bounds the runs of which it is remembered who submitted them.
const maxRemembered = 1024

// History finds runs in segments. Its methods may be called by many goroutines. A nil History has none.
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
// run that is in the state, or nowhere, gives the view itself.
func (h *History) Recall(ctx context.Context, view *state.View, run string) (*state.View, error) {
	if h == nil || !ident.Valid(run) || view.JobRun(run) != nil {
		return view, nil
	}
	s := h.session(ctx)
	defer s.close()
	for of := range view.Segments("") {
		if of.LastRun < run {
			break // they are in this order
		}
		if run < of.FirstRun {
			continue
		}
		finished, err := s.find(of, run, (*segment.Index).Run)
		if err != nil {
			return nil, err
		}
		if finished.Run != nil {
			return h.recalled(view, finished), nil
		}
	}
	return view, nil
}

// RecallWorker is Recall for the run of a worker.
func (h *History) RecallWorker(ctx context.Context, view *state.View, worker string) (*state.View, error) {
	if h == nil || !ident.Valid(worker) || view.Worker(worker) != nil {
		return view, nil
	}
	s := h.session(ctx)
	defer s.close()
	for of := range view.Segments("") {
		if worker < of.FirstWorker || worker > of.LastWorker {
			continue
		}
		finished, err := s.find(of, worker, (*segment.Index).Worker)
		if err != nil {
			return nil, err
		}
		if finished.Run != nil {
			return h.recalled(view, finished), nil
		}
	}
	return view, nil
}

// recalled returns a view that has runs again.
func (h *History) recalled(view *state.View, finished ...fsm.Finished) *state.View {
	if len(finished) == 0 {
		return view
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, f := range finished {
		if len(h.submitted) >= maxRemembered {
			h.submitted = map[string]string{}
		}
		h.submitted[f.Run.GetJobRun().GetJobRunId()] = f.Run.GetJobRun().GetCreatedBy()
	}
	return fsm.Recall(view, finished...)
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
func (s *session) find(
	of *state.Segment, id string, search func(*segment.Index, string) (row int, err error),
) (finished fsm.Finished, err error) {
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

// WorkersWithin returns a view that has the runs of the first n workers of the history whose id begins with a prefix
// and comes after another one. The view has all workers up to the id through; empty: it has all.
func (h *History) WorkersWithin(
	ctx context.Context, view *state.View, prefix, after string, n int,
) (all *state.View, through string, err error) {
	s := h.session(ctx)
	defer s.close()
	first := firstWorkers{most: n}
	for of := range view.Segments("") {
		none := of.LastWorker <= after || of.LastWorker < prefix || of.FirstWorker > prefix+"~"
		if none || first.past(of.FirstWorker) {
			continue
		}
		err := s.search(of, func(x *segment.Index) error {
			found, err := x.WorkersFrom(prefix, after, n)
			first.add(of, found)
			return err
		})
		if err != nil {
			return nil, "", err
		}
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
