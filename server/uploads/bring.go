package uploads

import (
	"context"
	"maps"
	"time"

	"github.com/headrace/headrace/internal/backoff"
)

// How long a file is left alone that could not be brought, at first and at most. A file that is on no server may be
// needed for as long as its job run waits, and each try asks all servers.
const (
	firstRest   = 2 * time.Second
	longestRest = time.Minute
)

// Bringing brings the files that are needed here, again and again. One goroutine uses it.
type Bringing struct {
	replicas *Replicas
	rests    map[Key]*rest // of files that could not be brought
}

// rest is how long a file is left alone.
type rest struct {
	until  time.Time
	pauses backoff.Doubling
}

// NewBringing returns what brings files from other servers.
func NewBringing(replicas *Replicas) *Bringing {
	return &Bringing{replicas: replicas, rests: map[Key]*rest{}}
}

// Bring brings those of the needed files that are not here. It calls failed with each that it tried to bring in vain.
func (b *Bringing) Bring(ctx context.Context, needed []Key, failed func(Key, error)) {
	b.forget(needed)
	for _, key := range needed {
		if ctx.Err() != nil {
			return
		}
		if b.replicas.Local.Has(key) {
			delete(b.rests, key)
			continue
		}
		if known := b.rests[key]; known != nil && time.Now().Before(known.until) {
			continue
		}
		if err := b.replicas.Ensure(ctx, key); err != nil {
			b.rest(key)
			failed(key, err)
		}
	}
}

// rest leaves a file alone for a while, each time for longer.
func (b *Bringing) rest(key Key) {
	known := b.rests[key]
	if known == nil {
		known = &rest{pauses: backoff.Doubling{First: firstRest, Max: longestRest}}
		b.rests[key] = known
	}
	known.until = time.Now().Add(known.pauses.Next())
}

// forget drops the files that are needed no more.
func (b *Bringing) forget(needed []Key) {
	if len(b.rests) == 0 {
		return
	}
	names := map[Key]bool{}
	for _, key := range needed {
		names[key] = true
	}
	maps.DeleteFunc(b.rests, func(key Key, _ *rest) bool { return !names[key] })
}
