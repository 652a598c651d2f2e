package uploads

import (
	"context"
	"time"

	"github.com/headrace/headrace/server/copies"
)

// longestRest is how long a file is left alone at most that could not be brought.
const longestRest = time.Minute

// Bringing brings the files that are needed here, again and again. One goroutine uses it.
type Bringing struct {
	replicas *Replicas
	rests    copies.Rests[Key]
}

// NewBringing returns what brings files from other servers.
func NewBringing(replicas *Replicas) *Bringing { return &Bringing{replicas: replicas} }

// Bring brings those of the needed files that are not here. It calls failed with each that it tried to bring in vain.
func (b *Bringing) Bring(ctx context.Context, needed []Key, failed func(Key, error)) {
	b.forget(needed)
	for _, key := range needed {
		if ctx.Err() != nil {
			return
		}
		if b.replicas.Local.Has(key) {
			b.rests.Note(key, nil, longestRest)
			continue
		}
		if b.rests.Cause(key) != nil {
			continue
		}
		err := b.replicas.Ensure(ctx, key)
		b.rests.Note(key, err, longestRest)
		if err != nil {
			failed(key, err)
		}
	}
}

// forget drops the files that are needed no more.
func (b *Bringing) forget(needed []Key) {
	if b.rests.Len() == 0 {
		return
	}
	names := map[Key]bool{}
	for _, key := range needed {
		names[key] = true
	}
	b.rests.Keep(func(key Key) bool { return names[key] })
}
