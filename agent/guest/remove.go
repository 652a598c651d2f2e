package guest

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"

	"golang.org/x/sys/unix"
)

// liftDepth is the depth from which on folders are moved to the top before they are emptied: however deep a worker
// nested its folders, few of them are open at once.
const liftDepth = 32

// Remove removes a folder with all that is in it; one that is not there is no error. It works with the agent's rights,
// because its owner may have closed it to itself. It opens only folders, follows no link, and reads no file. Nobody may
// work there any more.
func Remove(path string) error {
	fd, err := unix.Open(path, folderOnly, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return &os.PathError{Op: "open", Path: path, Err: err}
	}
	r := &removal{top: os.NewFile(uintptr(fd), path)}
	err = r.all()
	if err = errors.Join(err, r.top.Close()); err != nil {
		return fmt.Errorf("cannot remove %s: %w", filepath.Base(path), err)
	}
	return os.Remove(path)
}

// removal is the emptying of one folder.
type removal struct {
	top    *os.File
	lifted int // folders that were moved to the top
}

// all empties the top until nothing is left: emptying it may move folders there.
func (r *removal) all() error {
	for before := -1; r.lifted > before; {
		before = r.lifted
		if _, err := r.top.Seek(0, 0); err != nil {
			return err
		}
		if err := r.empty(r.top, 0); err != nil {
			return err
		}
	}
	return nil
}

// empty removes what is in a folder.
func (r *removal) empty(dir *os.File, depth int) error {
	for {
		names, _ := dir.Readdirnames(1024)
		if len(names) == 0 {
			return nil
		}
		for _, name := range names {
			if err := r.one(dir, name, depth); err != nil {
				return err
			}
		}
		if _, err := dir.Seek(0, 0); err != nil { // what was removed moved the others
			return err
		}
	}
}

// one removes a file or folder, or moves it to the top.
func (r *removal) one(dir *os.File, name string, depth int) error {
	err := unix.Unlinkat(int(dir.Fd()), name, 0)
	if err == nil || errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if !errors.Is(err, unix.EISDIR) && !errors.Is(err, unix.EPERM) {
		return &os.PathError{Op: "remove", Path: name, Err: err}
	}
	if depth >= liftDepth {
		r.lifted++
		return unix.Renameat(int(dir.Fd()), name, int(r.top.Fd()), ".lifted-"+strconv.Itoa(r.lifted))
	}
	fd, err := unix.Openat(int(dir.Fd()), name, folderOnly, 0)
	if err != nil {
		return &os.PathError{Op: "remove", Path: name, Err: err}
	}
	below := os.NewFile(uintptr(fd), name)
	err = r.empty(below, depth+1)
	if err = errors.Join(err, below.Close()); err != nil {
		return err
	}
	return unix.Unlinkat(int(dir.Fd()), name, unix.AT_REMOVEDIR)
}
