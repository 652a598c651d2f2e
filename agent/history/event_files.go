package history

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/headrace/headrace/agent/runtime"
	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/eventlog"
)

// maxEventFiles bounds the files and folders of an event log that is shown, all of it together. See eventlog.Usual for
// the bounds by which its files are chosen.
const maxEventFiles = 10_000

// checkRoom holds that what is shown has not too many files and folders: each costs the disk something, however small
// it is.
func checkRoom(shown eventlog.Shown) error {
	made := map[string]bool{}
	add := func(name string) {
		for ; name != "." && !made[name]; name = filepath.Dir(name) {
			made[name] = true
		}
	}
	for _, c := range shown.Copies {
		add(c.As)
	}
	for _, name := range shown.Headless {
		add(name)
	}
	if len(made) > maxEventFiles {
		return errs.New(errs.TooLarge, "cannot show the history: its event log has %d files and folders, and at most %d "+
			"are shown", len(made), maxEventFiles)
	}
	return nil
}

// eventFiles writes the files of an event log, one after another; each gets its name when nothing more of it comes.
type eventFiles struct {
	home   *runtime.Home
	folder string // shown to the home's worker
	copies map[string]eventlog.Copy
	has    map[string]int64 // gets the sizes of those that have their names
	name   string           // of the file that is written
	file   *os.File
	size   int64 // of that file
}

// write adds to one of the copies, as many bytes as it had when it was chosen. Other files are not kept.
func (f *eventFiles) write(name string, data []byte) error {
	wanted, ok := f.copies[name]
	if !ok {
		return nil
	}
	if err := f.open(wanted.As); err != nil {
		return err
	}
	data = data[:min(int64(len(data)), wanted.Size-f.size)]
	f.size += int64(len(data))
	_, err := f.file.Write(data)
	return err
}

// writeOwn makes a file of ours.
func (f *eventFiles) writeOwn(name string, content []byte) error {
	if err := f.open(name); err != nil {
		return err
	}
	f.size += int64(len(content))
	_, err := f.file.Write(content)
	return err
}

// open begins a file, unless it is the one that is written.
func (f *eventFiles) open(name string) error {
	if f.file != nil && f.name == name {
		return nil
	}
	if !filepath.IsLocal(name) {
		return fmt.Errorf("cannot keep %q: it is no file of an event log", name)
	}
	if err := f.keep(); err != nil {
		return err
	}
	if err := f.makeFolders(filepath.Dir(name)); err != nil {
		return err
	}
	file, err := os.CreateTemp(filepath.Dir(f.folder), "event-*")
	f.name = name
	f.file = file
	f.size = 0
	return err
}

// makeFolders makes a folder in the event log, and those above it.
func (f *eventFiles) makeFolders(name string) error {
	if name == "." {
		return nil
	}
	if err := f.makeFolders(filepath.Dir(name)); err != nil {
		return err
	}
	err := os.Mkdir(filepath.Join(f.folder, name), 0o700)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return f.home.ShowFile(filepath.Join(f.folder, name), 0o750)
}

// copy brings a file of this machine or of an object store, as long as somebody waits for it.
func (f *eventFiles) copy(ctx context.Context, name string, from io.Reader) error {
	if err := f.write(name, nil); err != nil { // an empty one, too
		return err
	}
	_, err := io.Copy(eventFile{ctx, f, name}, from)
	return err
}

// eventFile is one of the files.
type eventFile struct {
	ctx   context.Context // who waits for it; a file of this machine is read without asking
	files *eventFiles
	name  string
}

// Write adds to it, as long as somebody waits for it.
func (f eventFile) Write(data []byte) (int, error) {
	if err := f.ctx.Err(); err != nil {
		return 0, err
	}
	return len(data), f.files.write(f.name, data)
}

// keep gives the file that is written its name, and notes how much of it there is.
func (f *eventFiles) keep() error {
	if f.file == nil {
		return nil
	}
	made := f.file.Name()
	err := f.file.Close()
	f.file = nil
	if err == nil {
		err = f.home.ShowFile(made, 0o640)
	}
	if err == nil {
		err = os.Rename(made, filepath.Join(f.folder, f.name))
	}
	if err == nil {
		f.has[f.name] = f.size
	}
	return err
}

// close keeps the last file, unless something failed.
func (f *eventFiles) close(err error) error {
	if err == nil {
		return f.keep()
	}
	if f.file != nil {
		_ = f.file.Close()
		_ = os.Remove(f.file.Name())
	}
	return err
}
