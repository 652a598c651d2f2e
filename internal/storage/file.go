package storage

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"syscall"
)

// files is the storage of file:// URIs: this machine's directories, or those that it shares with others.
type files struct{}

func (files) read(_ context.Context, at location, offset int64) (io.ReadCloser, Info, error) {
	// Without O_NONBLOCK, to open a named pipe waits for its writer.
	file, err := os.OpenFile(at.path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, Info{}, failure("read", at, folded(err))
	}
	info, err := fileInfo(at, file.Stat)
	if err == nil {
		_, err = file.Seek(offset, io.SeekStart)
	}
	if err != nil {
		_ = file.Close()
		return nil, Info{}, failure("read", at, folded(err))
	}
	return file, info, nil
}

func (files) stat(_ context.Context, at location) (Info, error) {
	info, err := fileInfo(at, func() (fs.FileInfo, error) { return os.Stat(at.path) })
	if err != nil {
		return Info{}, failure("find", at, folded(err))
	}
	return info, nil
}

// remove leaves folders, as there are none in S3.
func (files) remove(_ context.Context, at location) error {
	err := folded(syscall.Unlink(at.path))
	if err != nil && !isMissing(err) {
		return failure("delete", at, err)
	}
	return nil
}

// fileInfo returns what the system says of a file; fs.ErrNotExist if it is a folder or something else that has no content.
func fileInfo(at location, stat func() (fs.FileInfo, error)) (Info, error) {
	found, err := stat()
	if err != nil {
		return Info{}, err
	}
	if !found.Mode().IsRegular() {
		return Info{}, fs.ErrNotExist
	}
	return Info{URI: at.uri, Size: found.Size(), Modified: found.ModTime()}, nil
}

// folded returns fs.ErrNotExist for a path that is a folder, or leads through a file or a circle of links: in S3 no file has that
// name.
func folded(err error) error {
	if errors.Is(err, syscall.ENOTDIR) || errors.Is(err, syscall.EISDIR) || errors.Is(err, syscall.ELOOP) {
		return fs.ErrNotExist
	}
	return err
}
