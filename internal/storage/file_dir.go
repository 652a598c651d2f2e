package storage

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// folderFlags open a folder, and no link to one.
const folderFlags = unix.O_RDONLY | unix.O_DIRECTORY | unix.O_NOFOLLOW | unix.O_CLOEXEC

// folder opens the folder that a path below another leads to, one by one, so that no link is followed. With make,
// folders that are missing are made.
func folder(base *os.File, rest string, make bool) (*os.File, error) {
	at, err := openIn(base, ".", folderFlags, 0)
	if err != nil || rest == "." {
		return at, err
	}
	for name := range strings.SplitSeq(rest, string(filepath.Separator)) {
		next, err := openFolder(at, name, make)
		_ = at.Close()
		if err != nil {
			return nil, err
		}
		at = next
	}
	return at, nil
}

// openFolder opens a folder in a folder.
func openFolder(at *os.File, name string, make bool) (*os.File, error) {
	made := false
	if make {
		err := unix.Mkdirat(int(at.Fd()), name, folderMode)
		if err != nil && !errors.Is(err, fs.ErrExist) {
			return nil, err
		}
		made = err == nil
	}
	fd, err := unix.Openat(int(at.Fd()), name, folderFlags, 0)
	if err != nil {
		return nil, err
	}
	next := os.NewFile(uintptr(fd), filepath.Join(at.Name(), name))
	if made {
		err = openToGroup(next)
	}
	if err != nil {
		return nil, errors.Join(err, next.Close())
	}
	return next, nil
}

// openToGroup lets the group of a new folder change it, whatever the umask is: other workers of a run write there too.
func openToGroup(folder *os.File) error {
	info, err := folder.Stat()
	if err != nil {
		return err
	}
	return folder.Chmod(info.Mode()&fs.ModeSetgid | folderMode)
}

// fileFlags open no link. Without O_NONBLOCK, to open a named pipe waits for its writer.
const fileFlags = unix.O_NOFOLLOW | unix.O_NONBLOCK | unix.O_NOCTTY | unix.O_CLOEXEC

// openIn opens a file in a folder, and no link.
func openIn(folder *os.File, name string, flags int, mode uint32) (*os.File, error) {
	fd, err := unix.Openat(int(folder.Fd()), name, flags|fileFlags, mode)
	if err != nil {
		return nil, err
	}
	return os.NewFile(uintptr(fd), filepath.Join(folder.Name(), name)), nil
}
