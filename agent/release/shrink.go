package release

import (
	"os"
	"path/filepath"
	"time"

	"github.com/headrace/headrace/agent/guest"
	"github.com/headrace/headrace/internal/sweep"
)

// shrink removes the releases of the first root that were not used for the longest time until the limit holds, but none
// that is held, and not the one to keep.
func (s *Store) shrink(keep Release) {
	if s.config.Limit == 0 {
		return
	}
	all := map[string]Release{}
	var items []sweep.Item
	for _, r := range copies(s.config.Roots[:1]) {
		bytes, _ := guest.Measure(r.Dir) // as much as can be read
		all[r.Dir] = r
		items = append(items, sweep.Item{
			Name:  r.Dir,
			Used:  lastUse(r),
			Bytes: bytes,
		})
	}
	_, _ = sweep.Oldest(items, sweep.Bounds{Bytes: s.config.Limit}, func(one sweep.Item) (freed bool, err error) {
		return one.Name != keep.Dir && s.remove(all[one.Name]), nil
	})
}

// remove removes a release whose label nobody holds. The rename comes first: half a release is never seen.
func (s *Store) remove(r Release) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, label := range s.held {
		if label == r.Label {
			return false
		}
	}
	gone := filepath.Join(filepath.Dir(r.Dir), "."+filepath.Base(r.Dir)+".removed")
	_ = os.RemoveAll(gone)
	if os.Rename(r.Dir, gone) != nil {
		return false
	}
	return os.RemoveAll(gone) == nil
}

// lastUse returns when a release was last asked for.
func lastUse(r Release) time.Time {
	info, err := os.Stat(filepath.Join(r.Dir, manifestName))
	if err != nil {
		return time.Time{}
	}
	return info.ModTime()
}
