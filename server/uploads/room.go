package uploads

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/headrace/headrace/internal/atomicfile"
	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/sweep"
)

// Bounds say how much is kept.
type Bounds struct {
	// Age is how long a file stays that no unfinished job run names, after it was uploaded or submitted.
	Age time.Duration
	// User is how many bytes the files of one user may take.
	User int64
	// All is how many bytes all files may take.
	All int64
}

// DefaultBounds are those of every server: users who upload a script for each run find room, and one of them does not
// take that of all others.
func DefaultBounds() Bounds {
	return Bounds{
		Age:  30 * 24 * time.Hour,
		User: 512 << 20,
		All:  4 << 30,
	}
}

// fresh is how long a file stays in any case: the job run that is to name it is being submitted.
const fresh = time.Hour

// smallest is what a file counts as at least, so that the bounds in bytes bound the number of files, too.
const smallest = 64 << 10

// reserve makes room for a file of a user until free is called. The user's folder is there then.
func (s *Store) reserve(user string, size int64) (free func(), err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	bytes := max(size, smallest)
	folder := folderOf(user)
	if err := s.makeRoom(user, bytes); err != nil {
		return nil, err
	}
	if err := s.makeFolder(folder); err != nil {
		return nil, err
	}
	s.arriving[folder] += bytes
	return func() { s.free(folder, bytes) }, nil
}

// makeFolder makes a user's folder, so that it is there after a power cut, too.
func (s *Store) makeFolder(folder string) error {
	err := os.Mkdir(filepath.Join(s.dir, folder), 0o750)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := atomicfile.SyncDir(s.dir); err != nil {
		s.dropFolder(folder) // the next one tries again
		return err
	}
	return nil
}

func (s *Store) free(folder string, bytes int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.arriving[folder] -= bytes; s.arriving[folder] == 0 {
		delete(s.arriving, folder)
		s.dropFolder(folder)
	}
}

// dropFolder removes a user's folder if nothing is in it, and nothing comes.
func (s *Store) dropFolder(folder string) {
	if s.arriving[folder] == 0 {
		_ = os.Remove(filepath.Join(s.dir, folder)) // the system refuses it while something is in it
	}
}

// makeRoom removes what may go until there is room for so many bytes of a user, among the user's files and among all.
func (s *Store) makeRoom(user string, bytes int64) error {
	items, err := s.items()
	if err != nil {
		return err
	}
	var all int64
	for _, n := range s.arriving {
		all += n
	}
	folder := folderOf(user)
	own := func(item sweep.Item) bool { return filepath.Dir(item.Name) == folder }
	gone, err := s.fit(selected(items, own), s.bounds.User, s.arriving[folder]+bytes, "of "+user)
	if err != nil {
		return err
	}
	left := selected(items, func(item sweep.Item) bool { return !gone[item.Name] })
	_, err = s.fit(left, s.bounds.All, all+bytes, "of all users")
	return err
}

// selected returns the files of which a function says so.
func selected(items []sweep.Item, is func(sweep.Item) bool) []sweep.Item {
	return slices.DeleteFunc(slices.Clone(items), func(item sweep.Item) bool { return !is(item) })
}

// fit removes what may go of some files until so many bytes more are within a limit, and returns the names of those.
func (s *Store) fit(items []sweep.Item, limit, more int64, whose string) (gone map[string]bool, err error) {
	left, gone, err := s.sweep(items, sweep.Bounds{Bytes: limit - more}, time.Now())
	if err != nil {
		return nil, err
	}
	if left+more > limit {
		return nil, errs.New(errs.Overloaded,
			"cannot keep another file: files %s take %d MiB, the most is %d MiB, and none of them may go: job runs that "+
				"are not over name them, or they came within the last hour; wait until those end, or put the file where "+
				"nodes reach it, such as s3://",
			whose, left>>20, limit>>20)
	}
	return gone, nil
}

// Sweep removes what nobody has used for too long, and what is too much. It returns how many bytes are left.
func (s *Store) Sweep(now time.Time) (left int64, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	items, err := s.items()
	if err != nil {
		return 0, err
	}
	left, _, err = s.sweep(items, sweep.Bounds{Since: now.Add(-s.bounds.Age), Bytes: s.bounds.All}, now)
	return left, err
}

// sweep removes the oldest of some files that are needed by nobody and not fresh. It returns how many bytes of them are
// left, and the names of those that are gone.
func (s *Store) sweep(
	items []sweep.Item, keep sweep.Bounds, now time.Time,
) (left int64, gone map[string]bool, err error) {
	gone = map[string]bool{}
	var needed map[string]bool
	left, err = sweep.Oldest(items, keep, func(item sweep.Item) (freed bool, err error) {
		if needed == nil {
			needed = s.neededNames()
		}
		if needed[item.Name] || now.Sub(item.Used) < fresh {
			return false, nil
		}
		if err := os.Remove(filepath.Join(s.dir, item.Name)); err != nil {
			return false, err
		}
		gone[item.Name] = true
		s.dropFolder(filepath.Dir(item.Name))
		return true, nil
	})
	return left, gone, err
}

// neededNames returns the names of files that job runs need which are not over.
func (s *Store) neededNames() map[string]bool {
	names := map[string]bool{}
	for _, key := range s.needed() {
		names[key.name()] = true
	}
	return names
}

// items returns all files.
func (s *Store) items() (items []sweep.Item, err error) {
	users, err := os.ReadDir(s.dir)
	if err != nil {
		return nil, err
	}
	for _, user := range users {
		if !user.IsDir() {
			continue // nothing of ours
		}
		files, failed := os.ReadDir(filepath.Join(s.dir, user.Name()))
		err = errors.Join(err, failed)
		for _, file := range files {
			if item, is := itemOf(user.Name(), file); is {
				items = append(items, item)
			}
		}
	}
	return items, err
}

// itemOf returns a complete file as a thing that may go.
func itemOf(folder string, file os.DirEntry) (item sweep.Item, is bool) {
	info, err := file.Info()
	if err != nil || strings.HasPrefix(file.Name(), written.Prefix) { // it has just gone, or is being received
		return sweep.Item{}, false
	}
	return sweep.Item{
		Name:  filepath.Join(folder, file.Name()),
		Used:  info.ModTime(),
		Bytes: max(info.Size(), smallest),
	}, true
}
