package logs

import (
	"context"
	"io"
)

// Place is where log files are: the servers, or an object store.
type Place interface {
	// Stat returns a file's size; NotFound if it is not there.
	Stat(ctx context.Context, file string) (size int64, err error)
	// Read opens a file from an offset on; NotFound if it is not there.
	Read(ctx context.Context, file string, offset int64) (io.ReadCloser, error)
}
