package storage

import (
	"cmp"
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// list walks down a folder. The order is that of S3, where a slash is a character like others: a.txt stands before a/b.
func (files) list(ctx context.Context, below location, yield func(Info, error) bool) {
	w := walk{ctx: ctx, below: below, yield: yield}
	w.folder(filepath.Clean(below.path))
}

// walk is one list on its way.
type walk struct {
	ctx   context.Context
	below location
	yield func(Info, error) bool
}

// folder tells of all files below a folder, and returns false when the walk ends. What vanishes meanwhile is not there.
func (w walk) folder(path string) bool {
	err := w.ctx.Err()
	var entries []fs.DirEntry
	if err == nil {
		entries, err = os.ReadDir(path)
		err = folded(err)
	}
	if err != nil {
		return isMissing(err) || w.fail(err)
	}
	slices.SortFunc(entries, func(a, b fs.DirEntry) int { return cmp.Compare(sortName(a), sortName(b)) })
	for _, entry := range entries {
		if !w.entry(filepath.Join(path, entry.Name()), entry) {
			return false
		}
	}
	return true
}

// entry tells of one name in a folder. Links to files are files; links to folders are not followed, as they can lead back.
func (w walk) entry(path string, entry fs.DirEntry) bool {
	if entry.IsDir() {
		return w.folder(path)
	}
	if inTheMaking(entry.Name()) {
		return true
	}
	at := location{uri: fileScheme + path, path: path}
	info, err := fileInfo(at, func() (fs.FileInfo, error) { return os.Stat(path) })
	if err != nil {
		err = folded(err)
		return isMissing(err) || w.fail(err)
	}
	return w.yield(info, nil)
}

func (w walk) fail(err error) bool {
	w.yield(Info{}, failure("list", w.below, err))
	return false
}

// sortName is what an entry's name is in the names of files.
func sortName(entry fs.DirEntry) string {
	if entry.IsDir() {
		return entry.Name() + "/"
	}
	return entry.Name()
}
