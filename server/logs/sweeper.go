package logs

import (
	"context"
	"log/slog"
	"time"

	"github.com/headrace/headrace/internal/caught"
)

// How often what is too old is looked for.
const (
	storeEvery = 10 * time.Minute
	placeEvery = time.Hour
	// lookEvery is how often a store is asked whether it uses too much, which costs nothing.
	lookEvery = 5 * time.Second
)

// Sweeper bounds the logs of a store.
type Sweeper struct {
	Store     *Store
	Retention time.Duration // how long a file is kept after it was last written to
	Limit     int64         // bytes of all files
	Log       *slog.Logger
	Panics    *caught.Panics
}

// Run sweeps now, every ten minutes, and as soon as the store uses too much, until ctx ends.
func (s *Sweeper) Run(ctx context.Context) {
	s.sweep()
	every, look := time.NewTicker(storeEvery), time.NewTicker(lookEvery)
	defer every.Stop()
	defer look.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-every.C:
			s.sweep()
		case <-look.C:
			if s.Store.used.Load() > s.Limit {
				s.sweep()
			}
		}
	}
}

func (s *Sweeper) sweep() {
	var removed int
	err := s.Panics.Do("sweeping managed logs", func() (err error) {
		removed, err = s.Store.Sweep(time.Now().Add(-s.Retention), s.Limit)
		return err
	})
	if err != nil {
		s.Log.Warn("cannot remove all managed logs that are too old or too many; trying again", "error", err)
	}
	if removed > 0 {
		s.Log.Info("managed logs removed", "files", removed, "retention", s.Retention, "limit_bytes", s.Limit)
	}
}
