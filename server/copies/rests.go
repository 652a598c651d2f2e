package copies

import (
	"maps"
	"sync"
	"time"

	"github.com/headrace/headrace/internal/backoff"
)

// firstRest is how long a file is left alone that could not be brought once.
const firstRest = 2 * time.Second

// Rests are files that could not be brought, each of which is left alone for a while, each time for twice as long: a
// file that no server has may be wanted for long, and each try asks all servers. The zero value has none; its methods
// may be called by many goroutines.
type Rests[K comparable] struct {
	mu    sync.Mutex
	rests map[K]*rest
}

// rest is how long a file is left alone, and why.
type rest struct {
	until  time.Time
	cause  error
	pauses backoff.Doubling
}

// Cause returns why a file could not be brought, as long as it is left alone; nil: it may be tried.
func (r *Rests[K]) Cause(file K) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	known := r.rests[file]
	if known == nil || !time.Now().Before(known.until) {
		return nil
	}
	return known.cause
}

// Note takes what became of bringing a file. After a failure it is left alone for a while, at most for the longest.
func (r *Rests[K]) Note(file K, err error, longest time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err == nil {
		delete(r.rests, file)
		return
	}
	if r.rests == nil {
		r.rests = map[K]*rest{}
	}
	known := r.rests[file]
	if known == nil {
		known = &rest{pauses: backoff.Doubling{First: firstRest, Max: longest}}
		r.rests[file] = known
	}
	known.cause = err
	known.until = time.Now().Add(known.pauses.Next())
}

// Keep forgets all files but those that are needed.
func (r *Rests[K]) Keep(needed func(K) bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	maps.DeleteFunc(r.rests, func(file K, _ *rest) bool { return !needed(file) })
}

// Len returns how many files could not be brought.
func (r *Rests[K]) Len() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.rests)
}
