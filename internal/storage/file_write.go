package storage

import (
	"context"
	"crypto/rand"
	"io"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// Files are for their user and group: logs can hold what others must not read.
const (
	folderMode = 0o770
	fileMode   = 0o640
)

// Files in the making have names that List leaves out. What a crash leaves behind is safe to remove.
const makingPrefix, makingSuffix = ".headrace-", ".part"

// inTheMaking says whether a name is that of a file which write has not finished.
func inTheMaking(name string) bool {
	return strings.HasPrefix(name, makingPrefix) && strings.HasSuffix(name, makingSuffix)
}

// write copies into a new file, which takes the name once all of it is on the disk.
func (f files) write(ctx context.Context, at location, content io.ReadSeeker, _ int64) error {
	return f.in("write", at, true, func(folder *os.File, name string) error {
		making := makingPrefix + rand.Text() + makingSuffix
		file, err := openIn(folder, making, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
		if err != nil {
			return err
		}
		if err = fill(file, untilDone{ctx, content}); err == nil {
			err = unix.Renameat(int(folder.Fd()), making, int(folder.Fd()), name)
		}
		if err != nil {
			_ = unix.Unlinkat(int(folder.Fd()), making, 0)
			return err
		}
		return folder.Sync() // so that a new name survives the loss of power
	})
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

// untilDone reads until a context is done.
type untilDone struct {
	ctx context.Context
	in  io.Reader
}

// Read reads what is in, or says that the context is done.
func (u untilDone) Read(p []byte) (int, error) {
	if err := u.ctx.Err(); err != nil {
		return 0, err
	}
	return u.in.Read(p)
}
