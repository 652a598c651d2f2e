package history

import (
	"context"
	"time"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/errs"
)

// believed is how long a segment that was here is believed to be here, without a look at the disk.
const believed = time.Minute

// Bringing brings the segments that the log names to this server, again and again. One goroutine uses it.
type Bringing struct {
	replicas *Replicas
	here     map[string]bool
	since    time.Time // of what is in here
}

// NewBringing returns what brings segments from other servers.
func NewBringing(replicas *Replicas) *Bringing { return &Bringing{replicas: replicas} }

// Bring brings those that are not here, one after another. One that cannot be brought holds up no other: failed is
// called with it, and the error says how many there are.
func (b *Bringing) Bring(ctx context.Context, view *state.View, failed func(*state.Segment, error)) error {
	b.begin(view)
	lacks := 0
	var first error
	for segment := range view.Segments("") {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		name := segment.Name()
		if b.here[name] && !b.replicas.Local.distrusted(name) {
			continue
		}
		err := b.replicas.Prepare(ctx, segment)
		b.here[name] = err == nil
		if err != nil {
			if lacks++; lacks == 1 {
				first = err
			}
			failed(segment, err)
		}
	}
	if lacks == 0 {
		return nil
	}
	return errs.New(errs.Unavailable, "cannot bring %d segments of the history here: %w", lacks, first)
}

// begin forgets what is dropped, and after a while what was here: somebody may have removed it.
func (b *Bringing) begin(view *state.View) {
	b.replicas.rests.Keep(func(name string) bool { return view.Segment(name) != nil })
	if time.Since(b.since) >= believed {
		b.since = time.Now()
		b.here = map[string]bool{}
	}
	for name := range b.here {
		if view.Segment(name) == nil {
			delete(b.here, name)
		}
	}
}
