package guest

import (
	"errors"
	"io/fs"
	"os"

	"golang.org/x/sys/unix"
)

// reading opens without waiting for a writer of a pipe, and never makes a terminal the agent's.
const reading = os.O_RDONLY | unix.O_NONBLOCK | unix.O_NOCTTY

// errIrregular is the cause of an error about what is no file: a pipe, a device, a socket, a folder.
var errIrregular = errors.New("it is no regular file")

// Open opens a file for reading, wherever it is, if the user may read it. It refuses what is no regular file. The
// caller closes it.
func (u *User) Open(path string) (file *os.File, err error) {
	err = u.Do(func() error {
		file, err = regular(os.OpenFile(path, reading, 0))
		return err
	})
	return file, err
}

// Stat returns what the user can know of a file. It follows links.
func (u *User) Stat(path string) (info fs.FileInfo, err error) {
	err = u.Do(func() error {
		info, err = os.Stat(path)
		return err
	})
	return info, err
}

// Readlink returns where a link leads to.
func (u *User) Readlink(path string) (target string, err error) {
	err = u.Do(func() error {
		target, err = os.Readlink(path)
		return err
	})
	return target, err
}

// regular passes an open file on if it is a regular one, else closes it.
func regular(file *os.File, err error) (*os.File, error) {
	if err != nil {
		return nil, err
	}
	info, err := file.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = &fs.PathError{Op: "open", Path: file.Name(), Err: errIrregular}
	}
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return file, nil
}
