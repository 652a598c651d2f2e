package shipping

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/headrace/headrace/agent/guest"
	"github.com/headrace/headrace/internal/eventlog"
)

// Bounds of what a node has of one event log: of its files under all their names, without those that trimEvents
// removed, and of what is looked at to find them; and of their bytes, which may be more than the driver's disk holds:
// files may have holes. What is more stays here.
const (
	maxEvents     = 10_000
	maxEventBytes = 16 << 30
)

// shipEvents brings the files of Spark's event log as they lie there, in a folder that the driver writes to, and notes
// what it brought. What the driver made unreadable stays here: it is told, and tried again only as long as the driver
// runs.
func (t *task) shipEvents(
	ctx context.Context, to sink, files []*eventFile, brought *brought,
) (unreadable, err error) {
	for _, file := range files {
		there, failed := t.shipEvent(ctx, to, file)
		if there {
			brought.note(file.name, file.size)
		}
		if file.unreadable != nil {
			unreadable, failed = errors.Join(unreadable, file.unreadable), nil
		}
		err = errors.Join(err, failed)
	}
	return unreadable, err
}

// eventFile is a file of an event log. It is opened when it is read: most were taken before and are as they were.
type eventFile struct {
	work *guest.Folder
	name string // in the working directory
	size int64
	file *os.File

	unreadable error // why it cannot be read
}

// ReadAt reads with the worker's rights.
func (f *eventFile) ReadAt(p []byte, offset int64) (n int, err error) {
	if f.file == nil {
		if f.file, err = f.work.Open(f.name); err != nil {
			f.note(err)
			return 0, err
		}
	}
	n, err = f.file.ReadAt(p, offset)
	f.note(err)
	return n, err
}

// note keeps why a file cannot be read. A file that is gone has been renamed, and a file that ends has been read.
func (f *eventFile) note(err error) {
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, fs.ErrNotExist) {
		f.unreadable = err
	}
}

// close ends the reading for one sink.
func (f *eventFile) close() {
	if f.file != nil {
		_ = f.file.Close()
		f.file = nil
	}
}

// eventFiles returns the files of the event log, in order. What is no regular file, such as a link, is none.
func (t *task) eventFiles(work *guest.Folder) (files []*eventFile, err error) {
	seen := 0
	err = work.WalkFrom(t.Events, func(name string, entry fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil {
			return err
		}
		if seen++; seen > maxEvents {
			return fs.SkipAll
		}
		info, err := entry.Info()
		if err != nil {
			return nil //nolint:nilerr // Spark has renamed it
		}
		if entry.Type().IsRegular() && eventlog.IsFile(name) && t.stays(name) && t.mayTake(name) {
			files = append(files, &eventFile{work: work, name: name, size: info.Size()})
		}
		return nil
	})
	slices.SortFunc(files, func(a, b *eventFile) int { return eventlog.Compare(a.name, b.name) })
	files, tooLarge := firstBytes(files)
	return files, errors.Join(err, tooLarge)
}

// stays says whether a file keeps its name. Spark renames the mark of an unfinished log in the end: it goes only when
// nobody will any more.
func (t *task) stays(name string) bool {
	return !eventlog.IsMark(name) || eventlog.IsFinished(name) || !t.Ended.IsZero()
}

// firstBytes returns the first files, as many as are taken, and the mark of the log that is cut there: nobody reads one
// without.
func firstBytes(files []*eventFile) ([]*eventFile, error) {
	bytes := int64(0)
	for i, file := range files {
		if bytes += file.size; bytes > maxEventBytes {
			taken := append(files[:i:i], marksIn(path.Dir(file.name), files[i:])...)
			return taken, fmt.Errorf(
				"the event log is larger than %d GiB: the rest of it stays on its node", maxEventBytes>>30)
		}
	}
	return files, nil
}

// marksIn returns the marks in a folder. A mark is empty: what a driver writes into one is not taken beyond the bound.
func marksIn(folder string, files []*eventFile) (marks []*eventFile) {
	for _, file := range files {
		if path.Dir(file.name) == folder && eventlog.IsMark(file.name) && file.size == 0 {
			marks = append(marks, file)
		}
	}
	return marks
}

// mayTake says whether a file is among the first of the event log. Without it, a driver that renames its files all the
// time would fill the destination, and this agent's memory of what is there.
func (t *task) mayTake(name string) bool {
	if !t.taken[name] {
		if len(t.taken) == maxEvents {
			return false
		}
		if t.taken == nil {
			t.taken = map[string]bool{}
		}
		t.taken[name] = true
	}
	return true
}

// shipEvent brings one file, and says whether all of it is there.
func (t *task) shipEvent(ctx context.Context, to sink, event *eventFile) (there bool, err error) {
	defer event.close()
	event.unreadable = nil
	name, err := t.storedAs(event.name)
	if err != nil {
		return false, err
	}
	content, size := io.ReaderAt(event), event.size
	if size == 0 {
		if !eventlog.IsMark(event.name) {
			return false, nil // it will grow: what is stored of it must be its beginning
		}
		content, size = blank, blank.Size()
	}
	err = to.putWhole(ctx, content, name, size)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil // Spark has renamed it
	}
	return err == nil, err
}

// storedAs returns the name of an event log's file at destinations.
func (t *task) storedAs(name string) (string, error) {
	rest, err := filepath.Rel(t.Events, name)
	return path.Join(t.EventFolder, filepath.ToSlash(rest)), err
}

// blank stands for an empty file, which a sink may not tell from none; of such files only the names mean something:
// they are marks.
var blank = strings.NewReader("\n")
