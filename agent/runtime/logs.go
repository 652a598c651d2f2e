package runtime

import (
	"io"
	"os"
	"path/filepath"

	"github.com/headrace/headrace/agent/guest"
	"github.com/headrace/headrace/internal/errs"
)

// Log is stdout or stderr of a worker, as far as it is written.
type Log interface {
	io.ReaderAt
	io.Closer
	// Data returns where the first data at or after an offset begins, and where the next hole after that begins. See
	// guest.Data.
	Data(offset int64) (begins, ends int64)
}

// logFile is a Log on the disk.
type logFile struct{ *os.File }

// Data asks the file system.
func (f logFile) Data(offset int64) (begins, ends int64) { return guest.Data(f.File, offset) }

// OpenLog opens stdout or stderr of a worker. NotFound if the worker is not kept here, or has not begun to write.
func (r *Runtime) OpenLog(id, stream string) (Log, error) {
	file, err := r.openLog(id, stream)
	if err != nil {
		return nil, err
	}
	return logFile{file}, nil
}

func (r *Runtime) openLog(id, stream string) (*os.File, error) {
	if err := CheckLog(id, stream); err != nil {
		return nil, err
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

// CheckLog returns an Invalid error if an id and a stream cannot name a log of a worker.
func CheckLog(id, stream string) error {
	if stream != "stdout" && stream != "stderr" {
		return errs.New(errs.Invalid, "cannot read the log %q: stdout or stderr", stream)
	}
	if !filepath.IsLocal(id) || filepath.Base(id) != id {
		return errs.New(errs.Invalid, "cannot read logs of worker %q: an id is one file name", id)
	}
	return nil
}

// Tail returns the end of a log, at most n bytes; nothing if it cannot be read.
func (r *Runtime) Tail(id, stream string, n int64) []byte {
	f, err := r.openLog(id, stream)
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
