package guest

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path"

	"golang.org/x/sys/unix"
)

// portion is how many names of a folder are read at once: a program may have put any number there.
const portion = 1024

// WalkFrom calls visit for a folder in the folder and everything below it, as fs.WalkDir does but in no order, with the
// worker's rights. It reads folders in portions: a visitor that ends the walk has paid for what it saw, and not for
// what else is there. Folders that are nested too deep are visited with ErrTooDeep.
func (f *Folder) WalkFrom(name string, visit fs.WalkDirFunc) error {
	err := f.Do(func(root *os.Root) error {
		info, err := root.Lstat(name)
		if err != nil {
			return visit(name, nil, err)
		}
		return walk{root, visit}.entry(name, fs.FileInfoToDirEntry(info), 0)
	})
	if errors.Is(err, fs.SkipDir) || errors.Is(err, fs.SkipAll) {
		return nil
	}
	return err
}

// walk is one on its way.
type walk struct {
	root  *os.Root
	visit fs.WalkDirFunc
}

// entry visits something, and what is in it.
func (w walk) entry(name string, entry fs.DirEntry, depth int) error {
	err := w.visit(name, entry, nil)
	if err == nil && entry.IsDir() {
		err = w.folder(name, entry, depth)
	}
	if entry.IsDir() && errors.Is(err, fs.SkipDir) {
		return nil
	}
	return err
}

// folder visits what is in a folder.
func (w walk) folder(name string, entry fs.DirEntry, depth int) error {
	dir, err := w.open(name, depth)
	if err != nil {
		return w.visit(name, entry, err)
	}
	defer func() { _ = dir.Close() }()
	for {
		entries, err := dir.ReadDir(portion)
		for _, one := range entries {
			below := path.Join(name, one.Name())
			if failed := w.entry(below, walked{one, w.root, below}, depth+1); failed != nil {
				return failed
			}
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return w.visit(name, entry, err)
		}
	}
}

// open opens a folder. Each level holds a descriptor while it is walked.
func (w walk) open(name string, depth int) (*os.File, error) {
	if depth >= maxDepth {
		return nil, ErrTooDeep
	}
	return w.root.OpenFile(name, reading|unix.O_DIRECTORY, 0)
}

// walked is something that was found in a folder.
type walked struct {
	fs.DirEntry
	root *os.Root
	name string
}

// Info asks by way of the root, whatever leads to it.
func (e walked) Info() (fs.FileInfo, error) { return e.root.Lstat(e.name) }
