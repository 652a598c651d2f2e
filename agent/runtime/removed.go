package runtime

import (
	"fmt"
	"sync"
	"time"
)

// maxRemoved bounds how many removed workers a Runtime remembers.
const maxRemoved = 10_000

// memory remembers when the newest of the removed directories went, for people who ask for them.
type memory struct {
	mu    sync.Mutex
	since map[string]time.Time // by worker
	order []string             // oldest first
}

func (m *memory) note(id string, now time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.since == nil {
		m.since = map[string]time.Time{}
	}
	if _, known := m.since[id]; !known {
		m.order = append(m.order, id)
	}
	m.since[id] = now
	if len(m.order) > maxRemoved {
		delete(m.since, m.order[0])
		m.order = m.order[1:]
	}
}

// Removed says whether Clean removed the directory of a worker, and when. It remembers the newest 10,000 since the
// Runtime was made.
func (r *Runtime) Removed(id string) (removed bool, since time.Time) {
	r.removed.mu.Lock()
	defer r.removed.mu.Unlock()
	since, removed = r.removed.since[id]
	return removed, since
}

// removedText says since when a worker's directory is gone.
func removedText(since time.Time) string {
	return fmt.Sprintf("its directory was removed at %s", since.UTC().Format(time.RFC3339))
}
