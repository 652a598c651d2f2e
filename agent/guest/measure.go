package guest

import (
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

const (
	// maxDepth is how deep folders may be nested: each level holds a descriptor while it is measured.
	maxDepth = 256
	// maxEntries is how many files and folders are measured: more take longer than whoever waits for the sum may wait.
	maxEntries = 1_000_000
	// leastBytes is what a file counts at least: an empty one uses the disk's tables too.
	leastBytes = 4096
)

// The errors of folders that cannot be measured.
var (
	ErrTooDeep = fmt.Errorf("folders are nested deeper than %d", maxDepth)
	ErrTooMany = fmt.Errorf("files and folders are more than %d", maxEntries)
)

// Measure returns how much of its disk all that is below a folder uses, in bytes. A file counts at least 4 KiB, and
// once, however many names it has. It works with the agent's rights, because its owner may have closed a folder to
// itself; it opens only folders, follows no link, and reads no file. What goes away meanwhile does not count.
func Measure(path string) (int64, error) {
	dir, err := unix.Open(path, folderOnly, 0)
	if err != nil {
		return 0, &os.PathError{Op: "open", Path: path, Err: err}
	}
	m := &measuring{maxEntries: maxEntries, seen: map[uint64]bool{}}
	err = m.folder(os.NewFile(uintptr(dir), path), 0)
	return m.bytes, err
}

// folderOnly opens what is a folder, and no link to one.
const folderOnly = unix.O_RDONLY | unix.O_DIRECTORY | unix.O_NOFOLLOW | unix.O_NONBLOCK | unix.O_CLOEXEC

// measuring is one measurement.
type measuring struct {
	bytes      int64
	entries    int
	maxEntries int
	seen       map[uint64]bool // inodes of files with several names
}

// folder counts what is in a folder, and closes it.
func (m *measuring) folder(dir *os.File, depth int) error {
	defer func() { _ = dir.Close() }()
	if depth > maxDepth {
		return ErrTooDeep
	}
	for {
		names, err := dir.Readdirnames(1024)
		if len(names) == 0 {
			return nil //nolint:nilerr // all were read, or the folder went away
		}
		for _, name := range names {
			if failed := m.entry(dir, name, depth); failed != nil {
				return failed
			}
		}
		if err != nil {
			return nil //nolint:nilerr // as above
		}
	}
}

// entry counts a file, or a folder with all that is in it.
func (m *measuring) entry(dir *os.File, name string, depth int) error {
	if m.entries++; m.entries > m.maxEntries {
		return ErrTooMany
	}
	var stat unix.Stat_t
	if unix.Fstatat(int(dir.Fd()), name, &stat, unix.AT_SYMLINK_NOFOLLOW) != nil {
		return nil // it went away
	}
	if stat.Mode&unix.S_IFMT != unix.S_IFDIR {
		m.file(&stat)
		return nil
	}
	m.bytes += Used(&stat)
	fd, err := unix.Openat(int(dir.Fd()), name, folderOnly, 0)
	if errors.Is(err, unix.EMFILE) || errors.Is(err, unix.ENFILE) {
		return ErrTooDeep
	}
	if err != nil {
		return nil //nolint:nilerr // it went away
	}
	return m.folder(os.NewFile(uintptr(fd), name), depth+1)
}

func (m *measuring) file(stat *unix.Stat_t) {
	if stat.Nlink > 1 {
		if m.seen[stat.Ino] {
			return
		}
		m.seen[stat.Ino] = true
	}
	m.bytes += Used(stat)
}

// Used returns what a file or folder counts.
func Used(stat *unix.Stat_t) int64 { return max(stat.Blocks*512, leastBytes) }
