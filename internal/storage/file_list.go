package storage

import (
	"cmp"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"golang.org/x/sys/unix"

	"github.com/headrace/headrace/internal/errs"
)

// list walks down a folder. The order is that of S3, where a slash is a character like others: a.txt stands before a/b.
func (f files) list(ctx context.Context, below location, yield func(Info, error) bool) {
	dir, rest, err := f.access.root(below)
	if err != nil {
		yield(Info{}, err)
		return
	}
	w := &walk{
		ctx:    ctx,
		access: f.access,
		below:  below,
		dir:    dir,
		yield:  yield,
	}
	w.folder(rest)
}

// walk is one list on its way.
type walk struct {
	ctx    context.Context
	access Access
	below  location
	dir    string // paths are below it
	yield  func(Info, error) bool
	looked int // how many names it has looked at
}

// portion is how many names of a folder are read at once.
const portion = 1024

// found is a name in a folder.
type found struct {
	name   string
	folder bool
	info   Info // of a file
}

// folder tells of all files below a folder, and returns false if the walk is to end. What vanishes meanwhile is left
// out.
func (w *walk) folder(path string) bool {
	var all []found
	err := w.ctx.Err()
	if err == nil {
		all, err = w.read(path)
	}
	if err != nil {
		return isMissing(err) || w.fail(err)
	}
	for _, one := range all {
		if !w.tell(path, one) {
			return false
		}
	}
	return true
}

// tell tells of a file, or of all files below a folder, and returns false if the walk is to end.
func (w *walk) tell(path string, one found) bool {
	if one.folder {
		return w.folder(filepath.Join(path, one.name))
	}
	return w.yield(one.info, nil)
}

// read returns the folders and files in a folder, in order. Links are neither, as they can lead anywhere.
func (w *walk) read(path string) (all []found, err error) {
	base, err := w.access.open(w.dir, false)
	if err != nil {
		return nil, err
	}
	defer func() { _ = base.Close() }()
	err = w.access.Do(func() (err error) {
		all, err = w.readIn(base, path)
		return folded(err)
	})
	return all, err
}

func (w *walk) readIn(base *os.File, path string) (all []found, err error) {
	at, err := folder(base, path, false)
	if err != nil {
		return nil, err
	}
	defer func() { _ = at.Close() }()
	entries, err := w.names(at)
	if err != nil {
		return nil, err
	}
	slices.SortFunc(entries, func(a, b fs.DirEntry) int { return cmp.Compare(sortName(a), sortName(b)) })
	for _, entry := range entries {
		if one, is := w.look(at, path, entry); is {
			all = append(all, one)
		}
	}
	return all, nil
}

// look returns what an entry of a folder is. is is false if it is neither a folder nor a finished file, or has
// vanished.
func (w *walk) look(at *os.File, path string, entry fs.DirEntry) (one found, is bool) {
	name := entry.Name()
	if entry.IsDir() {
		return found{name: name, folder: true}, true
	}
	if inTheMaking(name) {
		return found{}, false
	}
	of := location{uri: fileScheme + filepath.Join(w.dir, path, name)}
	info, err := statIn(at, of, name)
	return found{name: name, info: info}, err == nil
}

// names reads a folder until ctx ends, if it has no more names than may be looked at. S3's order needs all names at
// once.
func (w *walk) names(at *os.File) (all []fs.DirEntry, err error) {
	for w.ctx.Err() == nil {
		some, err := at.ReadDir(portion)
		all = append(all, some...)
		w.looked += len(some)
		if w.access.MaxEntries > 0 && w.looked > w.access.MaxEntries {
			return nil, errs.New(
				errs.TooLarge,
				"cannot list %s: it has more than %d files and folders",
				w.below.uri,
				w.access.MaxEntries,
			)
		}
		if errors.Is(err, io.EOF) {
			return all, nil
		}
		if err != nil {
			return nil, err
		}
	}
	return nil, w.ctx.Err()
}

func statIn(at *os.File, of location, name string) (Info, error) {
	file, err := openIn(at, name, unix.O_PATH, 0)
	if err != nil {
		return Info{}, err
	}
	defer func() { _ = file.Close() }()
	return fileInfo(of, file.Stat)
}

func (w *walk) fail(err error) bool {
	if !errs.Is(err, errs.TooLarge) {
		err = failure("list", w.below, err)
	}
	w.yield(Info{}, err)
	return false
}

// sortName is what an entry's name is in the names of files.
func sortName(entry fs.DirEntry) string {
	if entry.IsDir() {
		return entry.Name() + "/"
	}
	return entry.Name()
}
