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
		is, failed := s.removeUnlessFresh(name, now)
		err = errors.Join(err, failed)
		if is {
			removed++
		}
	}
	return removed, errors.Join(err, s.sweepIndexes())
}

// removeUnlessFresh removes a segment, unless it came or was touched a short while ago.
func (s *Store) removeUnlessFresh(name string, now time.Time) (removed bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	info, err := os.Stat(s.path(name))
	if err != nil || now.Sub(info.ModTime()) < fresh {
		return false, gone(err)
	}
	if err := errors.Join(gone(os.Remove(s.indexPath(name))), gone(os.Remove(s.path(name)))); err != nil {
		return false, err
	}
	delete(s.damaged, name)
	return true, nil
}

// sweepIndexes removes indexes whose segments are not here.
func (s *Store) sweepIndexes() (err error) {
	entries, err := os.ReadDir(s.dir)
	for _, entry := range entries {
		name, is := strings.CutSuffix(entry.Name(), indexEnd)
		if !is {
			continue
		}
		if _, missing := os.Stat(s.path(name)); errors.Is(missing, os.ErrNotExist) {
			err = errors.Join(err, gone(os.Remove(s.indexPath(name))))
		}
	}
	return err
}
