package release

import (
	"os"
	"path/filepath"
	"slices"
	"time"
)

// shrink removes the releases of the first root that were not used for the longest time until the limit holds, but none that is
// held, and not the one to keep.
func (s *Store) shrink(keep Release) {
	if s.config.Limit == 0 {
		return
	}
	all := copies(s.config.Roots[:1])
	slices.SortStableFunc(all, func(a, b Release) int { return lastUse(a).Compare(lastUse(b)) })
	var total int64
	for _, r := range all {
		total += sizeOf(r.Dir)
	}
	for _, r := range all {
		if total <= s.config.Limit {
			return
		}
		if size := sizeOf(r.Dir); r.Dir != keep.Dir && s.remove(r) {
			total -= size
		}
	}
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

// sizeOf returns the bytes of all files below a directory.
func sizeOf(dir string) (size int64) {
	_ = filepath.WalkDir(dir, func(_ string, entry os.DirEntry, err error) error {
		if err != nil {
			return nil
		}
		if info, err := entry.Info(); err == nil && info.Mode().IsRegular() {
			size += info.Size()
		}
		return nil
	})
	return size
}
