package logs

import (
	"context"
	"io"
)

// Backend keeps log files: the servers' disks, or an object store.
type Backend interface {
	// Stat returns a file's size. The error is NotFound if the file is not there.
	Stat(ctx context.Context, file string) (size int64, err error)
	// Read opens a file from an offset on. The error is NotFound if the file is not there.
	Read(ctx context.Context, file string, offset int64) (io.ReadCloser, error)
	// List returns the files of a folder, whose name ends with a slash, and of the folders in it.
	List(ctx context.Context, folder string) ([]File, error)
}
