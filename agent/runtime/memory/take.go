package memory

import (
	"maps"

	"github.com/headrace/headrace/agent/runtime"
	"github.com/headrace/headrace/internal/errs"
)

// Take makes a worker that waits the worker of spec.ID, whose home was made. Its logs begin anew. What it was started
// with stays.
func (r *Runtime) Take(waiting runtime.Worker, spec runtime.Spec) (runtime.Worker, error) {
	r.machine.mu.Lock()
	defer r.machine.mu.Unlock()
	old := r.machine.workers[waiting.ID()]
	if old == nil || old.process == nil || old.exit != nil {
		return nil, errs.New(errs.Internal, "cannot watch worker %s: who held it is gone", spec.ID)
	}
	made, err := r.housed(spec.ID)
	if err != nil {
		return nil, errs.New(errs.Internal, "cannot make %s worker %s: %w", waiting.ID(), spec.ID, err)
	}
	maps.Copy(old.kept, made.kept)
	taken := &worker{
		id:      spec.ID,
		user:    old.user,
		kept:    old.kept,
		logs:    map[string][]byte{},
		process: old.process,
		took:    true,
	}
	delete(r.machine.workers, old.id)
	r.machine.workers[spec.ID] = taken
	taken.process.worker = taken
	for w := range r.watched {
		if w.process == taken.process {
			w.lose()
		}
	}
	return r.watch(taken.process), nil
}

// Confirm notes that a worker that was taken has begun what it was taken for.
func (r *Runtime) Confirm(id string) error {
	r.machine.mu.Lock()
	defer r.machine.mu.Unlock()
	w, err := r.known(id)
	if err == nil {
		w.confirmed = true
	}
	return err
}

// Unconfirmed says whether a worker was taken and perhaps never began.
func (r *Runtime) Unconfirmed(id string) bool {
	r.machine.mu.Lock()
	defer r.machine.mu.Unlock()
	w, err := r.known(id)
	return err == nil && w.took && !w.confirmed
}
