package memory

import (
	"github.com/headrace/headrace/agent/runtime"
)

// Adopt finds every worker that is not forgotten. What was never started is removed.
func (r *Runtime) Adopt() (found []runtime.Worker, err error) {
	r.machine.mu.Lock()
	defer r.machine.mu.Unlock()
	for _, w := range r.machine.all() {
		switch {
		case !w.forgotten.IsZero():
		case w.exit != nil:
			found = append(found, r.ended(w))
		case w.process != nil:
			found = append(found, r.watch(w.process))
		default:
			delete(r.machine.workers, w.id)
		}
	}
	return found, nil
}

// ended returns a worker that has ended. The caller has the machine's lock.
func (r *Runtime) ended(w *worker) runtime.Worker {
	over := &watched{
		id:      w.id,
		runtime: r,
		exit:    *w.exit,
		done:    make(chan struct{}),
	}
	close(over.done)
	return over
}

// Discard kills a worker that waits and removes everything of it. It returns when nothing is left of it.
func (r *Runtime) Discard(waiting runtime.Worker) error {
	if err := waiting.Stop(runtime.Stopped, 0); err != nil {
		return err
	}
	<-waiting.Done()
	if _, ended := waiting.Exit(); !ended {
		return nil // the runtime is closed: the next one does it
	}
	return r.RemoveDir(waiting.ID())
}

// RemoveDir removes everything of a worker that was never started, or has ended.
func (r *Runtime) RemoveDir(id string) error {
	r.machine.mu.Lock()
	defer r.machine.mu.Unlock()
	delete(r.machine.workers, id)
	return nil
}
