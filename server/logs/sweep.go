package logs

import (
	"errors"
	"io/fs"
	"path"
	"slices"
	"time"

	"github.com/headrace/headrace/internal/sweep"
)

// runUse is what the logs of one run use.
type runUse struct {
	bytes  int64
	newest time.Time // when one of its files was last written
	files  []string
}

// add counts a file.
func (u *runUse) add(file string, info fs.FileInfo) {
	u.files = append(u.files, file)
	u.bytes += info.Size()
	if info.ModTime().After(u.newest) {
		u.newest = info.ModTime()
	}
}

// Sweep removes the files that were not written since oldest. Then, while all together use more than limit bytes, it
// removes all logs of the run that was written to the longest time ago. A run whose logs alone use more than limit
// goes, too. Sweep returns how many files it removed.
func (s *Store) Sweep(oldest time.Time, limit int64) (removed int, err error) {
	runs, removed, err := s.sweepOld(oldest)
	if err != nil {
		return removed, err
	}
	items := make([]sweep.Item, 0, len(runs))
	for folder, run := range runs {
		items = append(items, sweep.Item{
			Name:  folder,
			Used:  run.newest,
			Bytes: run.bytes,
		})
	}
	left, err := sweep.Oldest(items, sweep.Bounds{Bytes: limit}, func(item sweep.Item) (bool, error) {
		files := runs[item.Name].files
		removed += len(files)
		return true, s.removeAll(files)
	})
	s.used.Store(left)
	return removed, errors.Join(err, s.removeEmpty())
}

// sweepOld removes files that are too old, and returns what runs use, by their folders.
func (s *Store) sweepOld(oldest time.Time) (runs map[string]*runUse, removed int, err error) {
	runs = map[string]*runUse{}
	err = s.walk(top, func(file string, info fs.FileInfo) error {
		if info.ModTime().Before(oldest) {
			removed++
			return s.remove(file)
		}
		folder := runOf(file)
		if runs[folder] == nil {
			runs[folder] = &runUse{}
		}
		runs[folder].add(file, info)
		return nil
	})
	return runs, removed, err
}

func (s *Store) removeAll(files []string) (err error) {
	for _, file := range files {
		err = errors.Join(err, s.remove(file))
	}
	return err
}

func (s *Store) remove(file string) error {
	defer s.lock(file)()
	if err := s.root.Remove(file); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// removeEmpty removes folders without anything in them, the deepest first. If a folder got a file meanwhile, it
// cannot be removed.
func (s *Store) removeEmpty() error {
	folders, err := s.folders()
	for _, folder := range slices.Backward(folders) {
		if entries, failed := fs.ReadDir(s.root.FS(), folder); failed == nil && len(entries) == 0 {
			_ = s.root.Remove(path.Clean(folder)) // somebody may have begun to use it
		}
	}
	return err
}

// folders returns all folders, each before those in it.
func (s *Store) folders() (folders []string, err error) {
	err = fs.WalkDir(s.root.FS(), top, func(folder string, entry fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err == nil && entry.IsDir() && folder != top {
			folders = append(folders, folder)
		}
		return err
	})
	return folders, err
}
