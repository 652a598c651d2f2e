package logs

import (
	"context"
	"log/slog"
	"time"

	"github.com/headrace/headrace/internal/caught"
	"github.com/headrace/headrace/internal/sweep"
)

// How often logs that are too old are looked for.
const (
	storeEvery   = 10 * time.Minute
	objectsEvery = time.Hour
)

// Sweeper bounds the logs of a store.
type Sweeper struct {
	Store     *Store
	Retention time.Duration // how long a file is kept after it was last written to
	Limit     int64         // bytes of all files
	Log       *slog.Logger
	Panics    *caught.Panics
}

// Run sweeps now, every ten minutes, and soon after the store uses too much, until ctx ends.
func (s *Sweeper) Run(ctx context.Context) {
	full := func() bool { return s.Store.used.Load() > s.Limit }
	sweep.Every(ctx, storeEvery, full, s.sweep)
}

func (s *Sweeper) sweep() {
	removed, err := caughtSweep(s.Panics, func() (int, error) {
		return s.Store.Sweep(time.Now().Add(-s.Retention), s.Limit)
	})
	if err != nil {
		s.Log.Warn("cannot remove all managed logs that are too old or too many; trying again", "error", err)
	}
	if removed > 0 {
		s.Log.Info(
			"managed logs removed",
			"files", removed,
			"retention", s.Retention,
			"limit_bytes", s.Limit,
		)
	}
}

// caughtSweep sweeps once. A panic costs that sweep only.
func caughtSweep(panics *caught.Panics, once func() (removed int, err error)) (removed int, err error) {
	err = panics.Do("sweeping managed logs", func() (err error) {
		removed, err = once()
		return err
	})
	return removed, err
}
