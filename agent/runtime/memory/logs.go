package memory

import (
	"io"
	"io/fs"
	"math"
	"slices"
	"time"

	"github.com/headrace/headrace/agent/runtime"
	"github.com/headrace/headrace/internal/errs"
)

// log is stdout or stderr of a worker.
type log struct {
	machine *Machine
	worker  *worker
	stream  string
}

// OpenLog opens stdout or stderr of a worker. NotFound if the worker is not kept, or has not begun to write.
func (r *Runtime) OpenLog(id, stream string) (runtime.Log, error) {
	if err := runtime.CheckLog(id, stream); err != nil {
		return nil, err
	}
	r.machine.mu.Lock()
	defer r.machine.mu.Unlock()
	if w := r.machine.workers[id]; w != nil && w.logs != nil {
		return log{machine: r.machine, worker: w, stream: stream}, nil
	}
	if since, removed := r.machine.removed[id]; removed {
		return nil, errs.New(errs.NotFound, "cannot read %s of worker %s: its directory was removed at %s", stream, id,
			since.UTC().Format(time.RFC3339))
	}
	return nil, errs.New(errs.NotFound, "cannot read %s of worker %s: %w", stream, id, fs.ErrNotExist)
}

// ReadAt reads what is written so far.
func (l log) ReadAt(p []byte, offset int64) (n int, err error) {
	l.machine.mu.Lock()
	defer l.machine.mu.Unlock()
	text := l.worker.logs[l.stream]
	if n = copy(p, text[min(offset, int64(len(text))):]); n < len(p) {
		err = io.EOF
	}
	return n, err
}

// Data returns that all of it is data.
func (l log) Data(offset int64) (begins, ends int64) {
	l.machine.mu.Lock()
	defer l.machine.mu.Unlock()
	if ends = int64(len(l.worker.logs[l.stream])); offset >= ends {
		return math.MaxInt64, math.MaxInt64
	}
	return offset, ends
}

// Close does nothing.
func (l log) Close() error { return nil }

// Tail returns the end of a log, at most n bytes; nothing if there is none.
func (r *Runtime) Tail(id, stream string, n int64) []byte {
	r.machine.mu.Lock()
	defer r.machine.mu.Unlock()
	w := r.machine.workers[id]
	if w == nil {
		return nil
	}
	text := w.logs[stream]
	return slices.Clone(text[max(0, int64(len(text))-n):])
}

// LogsDir returns that logs are in no folder.
func (r *Runtime) LogsDir(string) string { return "" }
