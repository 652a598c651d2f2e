package history

import (
	"errors"
	"os"
	"strings"
	"time"

	"github.com/headrace/headrace/fsm/state"
)

// fresh is how long a segment stays that the log does not name: it may be about to.
const fresh = time.Hour

// Sweep removes the segments that the log does not name, or no more. The view has everything that was acknowledged
// before the call: an older one could lack a segment that is the only place of its runs.
func (s *Store) Sweep(view *state.View, now time.Time) (removed int, err error) {
	entries, err := os.ReadDir(s.dir)
	for _, entry := range entries {
		name, is := strings.CutSuffix(entry.Name(), segmentEnd)
		if !is || view.Segment(name) != nil {
			continue
		}
		info, failed := entry.Info()
		if failed != nil || now.Sub(info.ModTime()) < fresh {
			err = errors.Join(err, gone(failed))
			continue
		}
		if failed := s.remove(name); failed != nil {
			err = errors.Join(err, failed)
			continue
		}
		removed++
	}
	return removed, errors.Join(err, s.sweepIndexes())
}

// sweepIndexes removes indexes whose segments are not here.
func (s *Store) sweepIndexes() (err error) {
	entries, err := os.ReadDir(s.dir)
	for _, entry := range entries {
		if name, is := strings.CutSuffix(entry.Name(), indexEnd); is && !s.Has(name) {
			err = errors.Join(err, s.removeIndex(name))
		}
	}
	return err
}
