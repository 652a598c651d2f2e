package storage

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/headrace/headrace/internal/errs"
)

// files is the storage of file:// URIs: directories of this machine, or that it shares with others.
type files struct{ access Access }

// in calls use with the folder that a file is in, and the file's name there, with the rights that hold. With make,
// folders that are missing are made.
func (f files) in(operation string, at location, make bool, use useIn) error {
	dir, rest, err := f.access.root(at)
	if err != nil {
		return err
	}
	base, err := f.access.open(dir, make)
	if err != nil {
		return failure(operation, at, folded(err))
	}
	defer func() { _ = base.Close() }()
	err = f.access.Do(func() error { return use.below(base, rest, make) })
	if err != nil {
		return failure(operation, at, err)
	}
	return nil
}

// useIn does something with the file of that name in a folder.
type useIn func(folder *os.File, name string) error

// below calls use with the folder that a path below another leads to.
func (use useIn) below(base *os.File, path string, make bool) error {
	parent, err := folder(base, filepath.Dir(path), make)
	if err != nil && !make {
		return folded(err)
	}
	if err != nil {
		return err
	}
	defer func() { _ = parent.Close() }()
	return use(parent, filepath.Base(path))
}

func (f files) read(_ context.Context, at location, offset int64) (content io.ReadCloser, info Info, err error) {
	err = f.in("read", at, false, func(parent *os.File, name string) error {
		file, err := openIn(parent, name, os.O_RDONLY, 0)
		if err != nil {
			return folded(err)
		}
		info, err = fileInfo(at, file.Stat)
		if err == nil {
			_, err = file.Seek(offset, io.SeekStart)
		}
		if err != nil {
			_ = file.Close()
			return folded(err)
		}
		content = file
		return nil
	})
	return content, info, err
}

func (f files) stat(_ context.Context, at location) (info Info, err error) {
	err = f.in("find", at, false, func(parent *os.File, name string) error {
		file, err := openIn(parent, name, unix.O_PATH, 0)
		if err != nil {
			return folded(err)
		}
		defer func() { _ = file.Close() }()
		info, err = fileInfo(at, file.Stat)
		return folded(err)
	})
	return info, err
}

// remove leaves folders, as there are none in S3.
func (f files) remove(_ context.Context, at location) error {
	err := f.in("delete", at, false, func(parent *os.File, name string) error {
		return folded(unix.Unlinkat(int(parent.Fd()), name, 0))
	})
	if errs.Is(err, errs.NotFound) {
		return nil
	}
	return err
}

// fileInfo returns what the system says of a file; fs.ErrNotExist if it is a folder or something else that has no
// content.
func fileInfo(at location, stat func() (fs.FileInfo, error)) (Info, error) {
	found, err := stat()
	if err != nil {
		return Info{}, err
	}
	if !found.Mode().IsRegular() {
		return Info{}, fs.ErrNotExist
	}
	return Info{
		URI:      at.uri,
		Size:     found.Size(),
		Modified: found.ModTime(),
	}, nil
}

// folded returns fs.ErrNotExist if a path is a folder or a link, or leads through a file or a link: in S3 no file has
// that name.
func folded(err error) error {
	if errors.Is(err, syscall.ENOTDIR) || errors.Is(err, syscall.EISDIR) || errors.Is(err, syscall.ELOOP) {
		return fs.ErrNotExist
	}
	return err
}
