package logs

import (
	"cmp"
	"errors"
	"io/fs"
	"path"
	"slices"
	"strings"
	"time"
)

// runUse is what the logs of one run use.
type runUse struct {
	folder string
	bytes  int64
	newest time.Time // when one of its files was last written
	files  []string
}

// Sweep removes what was not written since oldest, then, while all together use more than limit bytes, all logs of the run that
// was written to the longest time ago; a run that uses so much alone goes, too. It returns how many files it removed.
func (s *Store) Sweep(oldest time.Time, limit int64) (removed int, err error) {
	runs, all, removed, err := s.sweepOld(oldest)
	if err != nil {
		return removed, err
	}
	slices.SortFunc(runs, func(a, b *runUse) int { return cmp.Or(a.newest.Compare(b.newest), strings.Compare(a.folder, b.folder)) })
	for _, run := range runs {
		if all <= limit {
			break
		}
		for _, file := range run.files {
			err = errors.Join(err, s.remove(file))
		}
		all, removed = all-run.bytes, removed+len(run.files)
	}
	s.used.Store(all)
	return removed, errors.Join(err, s.removeEmpty())
}

// sweepOld removes files that are too old and returns the others, by run.
func (s *Store) sweepOld(oldest time.Time) (runs []*runUse, all int64, removed int, err error) {
	byFolder := map[string]*runUse{}
	err = s.walk(top, func(file string, info fs.FileInfo) error {
		if info.ModTime().Before(oldest) {
			removed++
			return s.remove(file)
		}
		folder := runOf(file)
		run := byFolder[folder]
		if run == nil {
			run = &runUse{folder: folder}
			byFolder[folder], runs = run, append(runs, run)
		}
		run.bytes, run.files, all = run.bytes+info.Size(), append(run.files, file), all+info.Size()
		if info.ModTime().After(run.newest) {
			run.newest = info.ModTime()
		}
		return nil
	})
	return runs, all, removed, err
}

func (s *Store) remove(file string) error {
	defer s.lock(file)()
	if err := s.root.Remove(file); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// removeEmpty removes folders without anything in them, the deepest first. One that got a file meanwhile cannot be removed.
func (s *Store) removeEmpty() error {
	var folders []string
	err := fs.WalkDir(s.root.FS(), top, func(folder string, entry fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err == nil && entry.IsDir() && folder != top {
			folders = append(folders, folder)
		}
		return err
	})
	for _, folder := range slices.Backward(folders) {
		if entries, failed := fs.ReadDir(s.root.FS(), folder); failed == nil && len(entries) == 0 {
			_ = s.root.Remove(path.Clean(folder)) // somebody may have begun to use it
		}
	}
	return err
}
