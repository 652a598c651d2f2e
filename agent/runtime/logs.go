package runtime

import (
	"io"
	"os"
	"path/filepath"

	"github.com/headrace/headrace/internal/errs"
)

// OpenLog opens stdout or stderr of a worker. NotFound if the worker is not kept here, or has not begun to write.
func (r *Runtime) OpenLog(id, stream string) (*os.File, error) {
	if stream != "stdout" && stream != "stderr" {
		return nil, errs.New(errs.Invalid, "cannot read the log %q: stdout or stderr", stream)
	}
	if !filepath.IsLocal(id) || filepath.Base(id) != id {
		return nil, errs.New(errs.Invalid, "cannot read logs of worker %q: an id is one file name", id)
	}
	f, err := os.Open(filepath.Join(r.logsOf(id), stream))
	if err != nil {
		if removed, since := r.Removed(id); removed {
			return nil, errs.New(errs.NotFound, "cannot read %s of worker %s: %s", stream, id, removedText(since))
		}
		return nil, errs.New(errs.NotFound, "cannot read %s of worker %s: %w", stream, id, err)
	}
	return f, nil
}

// Tail returns the end of a log, at most n bytes; nothing if it cannot be read.
func (r *Runtime) Tail(id, stream string, n int64) []byte {
	f, err := r.OpenLog(id, stream)
	if err != nil {
		return nil
	}
	defer func() { _ = f.Close() }()
	size, err := f.Seek(0, io.SeekEnd)
	if err != nil {
		return nil
	}
	tail := make([]byte, min(n, size))
	read, _ := f.ReadAt(tail, size-int64(len(tail)))
	return tail[:read]
}
