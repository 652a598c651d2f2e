package storage

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// Files are for this process's user and group: logs can hold what others must not read.
const (
	folderMode = 0o750
	fileMode   = 0o640
)

// Files in the making have names that List leaves out. What a crash leaves behind is safe to remove.
const makingPrefix, makingSuffix = ".headrace-", ".part"

// inTheMaking says whether a name is that of a file which write has not finished.
func inTheMaking(name string) bool {
	return strings.HasPrefix(name, makingPrefix) && strings.HasSuffix(name, makingSuffix)
}

// write copies into a new file, which takes the name once all of it is on the disk.
func (files) write(ctx context.Context, at location, content io.ReadSeeker, _ int64) error {
	folder := filepath.Dir(at.path)
	if err := os.MkdirAll(folder, folderMode); err != nil {
		return failure("write", at, err)
	}
	file, err := os.CreateTemp(folder, makingPrefix+"*"+makingSuffix)
	if err != nil {
		return failure("write", at, err)
	}
	if err = fill(file, untilDone{ctx, content}); err == nil {
		err = os.Rename(file.Name(), at.path)
	}
	if err != nil {
		_ = os.Remove(file.Name())
		return failure("write", at, err)
	}
	return keepName(folder, at)
}

// fill copies into a file, and closes it when all is on the disk.
func fill(file *os.File, content io.Reader) error {
	_, err := io.Copy(file, content)
	if err == nil {
		err = file.Chmod(fileMode)
	}
	if err == nil {
		err = file.Sync()
	}
	if closing := file.Close(); err == nil {
		err = closing
	}
	return err
}

// keepName brings a folder's names to the disk, so that a new one survives the loss of power.
func keepName(path string, at location) error {
	folder, err := os.Open(path)
	if err != nil {
		return failure("write", at, err)
	}
	defer func() { _ = folder.Close() }()
	if err := folder.Sync(); err != nil {
		return failure("write", at, err)
	}
	return nil
}

// untilDone reads until a context is done.
type untilDone struct {
	ctx context.Context
	in  io.Reader
}

func (u untilDone) Read(p []byte) (int, error) {
	if err := u.ctx.Err(); err != nil {
		return 0, err
	}
	return u.in.Read(p)
}
