package logs

import (
	"errors"
	"fmt"
	"hash/maphash"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/logpath"
)

const (
	// maxPart bounds what is appended at once, in bytes.
	maxPart = 1 << 20
	// maxListed bounds the files of one list.
	maxListed = 10_000
	// maxSize bounds one file: a part of a log is at most that large before it is compressed, and event logs are
	// rolled.
	maxSize = 8 * logpath.PartBytes
	// stripes is how many files may be written at once.
	stripes = 64
)

// Store is the log files on one server's disk. Its methods may be called by many goroutines.
type Store struct {
	root    *os.Root
	seed    maphash.Seed
	stripes [stripes]sync.Mutex // each guards the files whose paths have its hash
	used    atomic.Int64        // bytes, about: the sweeper counts them, and Append adds to them
}

// File is a file of a store.
type File struct {
	Path string // below the store's directory
	Size int64  // in bytes
}

// Open returns the store in a directory, which it makes. It has to be closed.
func Open(dir string) (*Store, error) {
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return nil, fmt.Errorf("cannot make the directory of managed logs: %w", err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("cannot open the directory of managed logs: %w", err)
	}
	return &Store{root: root, seed: maphash.MakeSeed()}, nil
}

// Close ends the use of the store.
func (s *Store) Close() error { return s.root.Close() }

// lock has one goroutine at a time work on a file.
func (s *Store) lock(file string) (unlock func()) {
	m := &s.stripes[maphash.String(s.seed, file)%stripes]
	m.Lock()
	return m.Unlock
}

// Append adds data to a file at an offset, and returns the file's size. What the file already has of the data is
// skipped. If the file ends before the offset, nothing is added, so the size tells the caller where to go on. A call
// without data asks for the size, which is 0 if the file is not there. A file never shrinks.
func (s *Store) Append(file string, offset int64, data []byte) (size int64, err error) {
	if err := checkPart(file, offset, len(data)); err != nil {
		return 0, err
	}
	defer s.lock(file)()
	if len(data) == 0 {
		return s.size(file)
	}
	size, err = s.append(file, offset, data)
	if errors.Is(err, fs.ErrNotExist) { // the sweeper removed its folder meanwhile
		size, err = s.append(file, offset, data)
	}
	if err != nil {
		return 0, errs.New(errs.Unavailable, "cannot keep a part of %s here: %w", file, err)
	}
	return size, nil
}

// checkPart refuses what no file may have.
func checkPart(file string, offset int64, length int) error {
	switch {
	case offset < 0:
		return errs.Field("offset", "%d is below 0", offset)
	case length > maxPart:
		return errs.Field("data", "%d bytes are more than %d", length, maxPart)
	case offset > maxSize-int64(length):
		return errs.New(errs.TooLarge, "cannot keep %.80q: it would have more than %d bytes", file, int64(maxSize))
	}
	return checkFile(file)
}

func (s *Store) size(file string) (int64, error) {
	info, err := s.root.Stat(file)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return 0, nil
	case err != nil:
		return 0, errs.New(errs.Unavailable, "cannot look at %s: %w", file, err)
	case !info.Mode().IsRegular():
		return 0, errs.Field("path", "%s is a folder", file)
	}
	return info.Size(), nil
}

// append writes at the file's end only. If a write fails in the middle, the file has a beginning of data, which does no
// harm: the next call goes on after it.
func (s *Store) append(name string, offset int64, data []byte) (size int64, err error) {
	if size, err = s.size(name); err != nil || offset > size {
		return size, err
	}
	if err := s.root.MkdirAll(path.Dir(name), 0o750); err != nil {
		return 0, err
	}
	missing := data[min(size-offset, int64(len(data))):]
	if len(missing) == 0 {
		return size, nil
	}
	file, err := s.root.OpenFile(name, os.O_CREATE|os.O_WRONLY, 0o640)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	n, err := file.WriteAt(missing, size)
	s.used.Add(int64(n))
	return size + int64(n), err
}

// List returns the files of a folder, whose name ends with a slash, and of the folders in it, ordered by path.
func (s *Store) List(folder string) (files []File, err error) {
	if folder, err = checkFolder(folder); err != nil {
		return nil, err
	}
	err = s.walk(folder, func(file string, info fs.FileInfo) error {
		if len(files) == maxListed {
			return errs.New(
				errs.TooLarge,
				"cannot list %s: it has more than %d files; name a smaller folder",
				folder,
				maxListed,
			)
		}
		files = append(files, File{Path: file, Size: info.Size()})
		return nil
	})
	slices.SortFunc(files, func(a, b File) int { return strings.Compare(a.Path, b.Path) })
	return files, err
}

// walk visits all files of a folder and below. A file that disappears meanwhile is left out.
func (s *Store) walk(folder string, visit func(file string, info fs.FileInfo) error) error {
	return fs.WalkDir(s.root.FS(), folder, func(file string, entry fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		info, err := entry.Info()
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil {
			return err
		}
		return visit(file, info)
	})
}

// Read opens a file from an offset on. The error is NotFound if the file is not here.
func (s *Store) Read(name string, offset int64) (io.ReadCloser, error) {
	if err := checkFile(name); err != nil {
		return nil, err
	}
	file, err := s.root.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, errs.New(errs.NotFound, "this server does not keep %s", name)
	}
	if err != nil {
		return nil, errs.New(errs.Unavailable, "cannot read %s: %w", name, err)
	}
	if _, err := file.Seek(offset, io.SeekStart); err != nil || offset < 0 {
		return nil, errors.Join(errs.Field("offset", "cannot read from %d", offset), file.Close())
	}
	return file, nil
}
