package memory

import (
	"time"

	"github.com/headrace/headrace/internal/sweep"
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
	var all []sweep.Item
	for _, w := range m.workers {
		if !w.forgotten.IsZero() {
			all = append(all, sweep.Item{
				Name:  w.id,
				Used:  w.forgotten,
				Bytes: w.size(),
			})
		}
	}
	keep := sweep.Bounds{Since: now.Add(-m.config.KeepFor), Bytes: m.config.KeepBytes}
	_, err := sweep.Oldest(all, keep, func(one sweep.Item) (freed bool, err error) {
		delete(m.workers, one.Name)
		m.removed[one.Name] = now
		return true, nil
	})
	return err
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
