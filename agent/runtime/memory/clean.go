package memory

import (
	"slices"
	"time"
)

// Forget says that the server knows a worker's end: it is not found again, and what is known of it may be cleaned.
func (r *Runtime) Forget(id string) error {
	r.machine.mu.Lock()
	defer r.machine.mu.Unlock()
	w, err := r.known(id)
	if err == nil {
		w.forgotten = time.Now()
	}
	return err
}

// Clean removes what is known of workers that were forgotten long before that time, then the oldest until the logs of
// the rest are few.
func (r *Runtime) Clean(now time.Time) error {
	m := r.machine
	m.mu.Lock()
	defer m.mu.Unlock()
	all := m.all()
	all = slices.DeleteFunc(all, func(w *worker) bool { return w.forgotten.IsZero() })
	slices.SortStableFunc(all, func(a, b *worker) int { return a.forgotten.Compare(b.forgotten) })
	var total int64
	for _, w := range all {
		total += w.size()
	}
	for _, w := range all {
		if now.Sub(w.forgotten) <= m.config.KeepFor && total <= m.config.KeepBytes {
			break
		}
		total -= w.size()
		delete(m.workers, w.id)
		m.removed[w.id] = now
	}
	return nil
}

// size returns how much a worker wrote, in bytes.
func (w *worker) size() (bytes int64) {
	for _, text := range w.logs {
		bytes += int64(len(text))
	}
	return bytes
}

// Removed says whether Clean removed what was known of a worker, and when.
func (r *Runtime) Removed(id string) (removed bool, since time.Time) {
	r.machine.mu.Lock()
	defer r.machine.mu.Unlock()
	since, removed = r.machine.removed[id]
	return removed, since
}
