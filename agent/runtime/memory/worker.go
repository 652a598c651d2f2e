package memory

import (
	"time"

	"github.com/headrace/headrace/agent/runtime"
)

// watched is a worker as an agent sees it.
type watched struct {
	id      string
	runtime *Runtime
	process *Process // nil: it was over when it was found
	done    chan struct{}
	exit    runtime.Exit // valid once done is closed
	lost    bool         // likewise: the watch ended before the worker
}

// ID returns the worker's id.
func (w *watched) ID() string { return w.id }

// Done is closed when the worker has ended, and when its Runtime is closed.
func (w *watched) Done() <-chan struct{} { return w.done }

// Exit returns how the worker ended.
func (w *watched) Exit() (exit runtime.Exit, ok bool) {
	select {
	case <-w.done:
		return w.exit, !w.lost
	default:
		return runtime.Exit{}, false
	}
}

// Stop asks the program to end, and kills it after the grace.
func (w *watched) Stop(reason runtime.Reason, grace time.Duration) error {
	if w.process == nil {
		return nil
	}
	w.runtime.machine.mu.Lock()
	defer w.runtime.machine.mu.Unlock()
	if w.process.worker.exit == nil {
		w.process.want(reason, grace)
	}
	return nil
}

// Starved is never closed: a program here that runs out of memory ends.
func (w *watched) Starved() <-chan struct{} { return nil }

// StarvedPeak has nothing to tell.
func (w *watched) StarvedPeak() int64 { return 0 }

// end says that the worker has ended. The caller has the machine's lock.
func (w *watched) end(exit runtime.Exit) {
	w.exit = exit
	delete(w.runtime.watched, w)
	close(w.done)
}

// lose ends the watch. The caller has the machine's lock.
func (w *watched) lose() {
	w.lost = true
	w.process.unwatch(w)
	delete(w.runtime.watched, w)
	close(w.done)
}
