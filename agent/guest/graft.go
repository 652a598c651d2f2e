package guest

import (
	"errors"
	"io/fs"
	"os"

	"golang.org/x/sys/unix"
)

// Graft moves everything in a folder into another one on the same disk, with the user's rights: folders that both have
// are merged, files replaced. Folders that it came from stay, empty. Both are folders as Folder opens them.
func (u *User) Graft(from, to string) error {
	source, err := openFolder(unix.AT_FDCWD, from)
	if err != nil {
		return err
	}
	defer func() { _ = source.Close() }()
	target, err := openFolder(unix.AT_FDCWD, to)
	if err != nil {
		return err
	}
	defer func() { _ = target.Close() }()
	return u.Do(func() error { return graft(source, target) })
}

// openFolder opens a folder, and no link to one.
func openFolder(at int, name string) (*os.File, error) {
	fd, err := unix.Openat(at, name, folderOnly, 0)
	if err != nil {
		return nil, &os.PathError{Op: "open", Path: name, Err: err}
	}
	return os.NewFile(uintptr(fd), name), nil
}

// graft moves what is in a folder.
func graft(from, to *os.File) error {
	names, err := from.Readdirnames(-1)
	if err != nil {
		return err
	}
	for _, name := range names {
		if err := graftOne(from, to, name); err != nil {
			return err
		}
	}
	return nil
}

// graftOne moves a file or folder; into a folder that is there, what is in it.
func graftOne(from, to *os.File, name string) error {
	source, err := openFolder(int(from.Fd()), name)
	if err != nil { // it is no folder
		return move(from, to, name)
	}
	defer func() { _ = source.Close() }()
	target, err := openFolder(int(to.Fd()), name)
	if errors.Is(err, fs.ErrNotExist) {
		return move(from, to, name)
	}
	if err != nil {
		return err
	}
	defer func() { _ = target.Close() }()
	return graft(source, target)
}

func move(from, to *os.File, name string) error {
	if err := unix.Renameat(int(from.Fd()), name, int(to.Fd()), name); err != nil {
		return &os.LinkError{
			Op:  "move",
			Old: name,
			New: name,
			Err: err,
		}
	}
	return nil
}
