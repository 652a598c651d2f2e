package runtime

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/headrace/headrace/agent/guest"
	"github.com/headrace/headrace/agent/runtime/sandbox"
	"github.com/headrace/headrace/internal/errs"
)

// Show lets the worker see directories that its program needs, even where others are hidden. Call it before the worker
// starts.
func (h *Home) Show(dirs ...string) {
	for _, dir := range dirs {
		if dir != "" && !slices.Contains(h.reads, dir) {
			h.reads = append(h.reads, dir)
		}
	}
}

// Stat returns what the worker can know of a file before it runs, by the path that it would name. The error is
// fs.ErrNotExist if there is none, and says so if there is one that workers do not see.
func (h *Home) Stat(path string) (fs.FileInfo, error) {
	if name, own := h.inside(path); own {
		return h.Work.Stat(name)
	}
	info, err := statIn(h.shown(path))
	if err == nil || errors.Is(err, fs.ErrNotExist) {
		return info, err
	}
	if !h.mayLookAt(path) {
		return nil, hidden(path)
	}
	if info, err = h.User.Stat(path); err == nil {
		err = h.checkSight(path)
	}
	return info, err
}

// mayLookAt says whether a path leads through directories that the worker sees, links aside. What is in others it is
// not told, not even whether it is there.
func (h *Home) mayLookAt(path string) bool {
	return h.box == nil || h.sees(filepath.Clean(path))
}

// sees says whether the worker sees what has that real name.
func (h *Home) sees(real string) bool {
	return h.box.Sees(real) || slices.ContainsFunc(h.reads, func(dir string) bool { return sandbox.Below(real, dir) })
}

// shown returns the shown directory that a path is in, and the path's name in it. The worker sees such a directory even
// where the way to it is closed to its user, as homes of people are. The folder is nil if there is none. The caller
// closes it.
func (h *Home) shown(path string) (folder *guest.Folder, name string) {
	if h.box == nil {
		return nil, ""
	}
	dir := ""
	for _, seen := range slices.Concat(h.box.Shared, h.reads) {
		if sandbox.Below(path, seen) && len(seen) > len(dir) {
			dir = seen
		}
	}
	if dir == "" {
		return nil, ""
	}
	name, err := filepath.Rel(dir, path)
	if err == nil {
		folder, err = h.User.Folder(dir)
	}
	if err != nil {
		return nil, ""
	}
	return folder, name
}

// errNotShown says that a path has to be looked up as the user would.
var errNotShown = errors.New("the path is in no directory that is shown")

func statIn(folder *guest.Folder, name string) (fs.FileInfo, error) {
	if folder == nil {
		return nil, errNotShown
	}
	defer func() { _ = folder.Close() }()
	return folder.Stat(name)
}

func openIn(folder *guest.Folder, name string) (*os.File, error) {
	if folder == nil {
		return nil, errNotShown
	}
	defer func() { _ = folder.Close() }()
	return folder.Open(name)
}

func readlinkIn(folder *guest.Folder, name string) (string, error) {
	if folder == nil {
		return "", errNotShown
	}
	defer func() { _ = folder.Close() }()
	return folder.Readlink(name)
}

// inside returns the name in Work of a path that leads there.
func (h *Home) inside(path string) (name string, own bool) {
	if !filepath.IsAbs(path) {
		return filepath.Clean(path), true
	}
	if !sandbox.Below(filepath.Clean(path), h.Seen) {
		return "", false
	}
	name, err := filepath.Rel(h.Seen, path)
	return name, err == nil
}

// checkSight refuses a file that the worker does not see.
func (h *Home) checkSight(path string) error {
	if h.box == nil {
		return nil
	}
	real := path
	err := h.User.Do(func() (err error) {
		real, err = filepath.EvalSymlinks(path)
		return err
	})
	if err != nil || h.sees(real) {
		return err
	}
	return hidden(path)
}

// checkOpened refuses a file that was opened and that the worker does not see. It is asked of what is open: a link may
// have led elsewhere a moment before.
func (h *Home) checkOpened(file *os.File, path string) error {
	if h.box == nil {
		return nil
	}
	conn, err := file.SyscallConn()
	if err != nil {
		return err
	}
	var real string
	var unknown error
	err = conn.Control(func(fd uintptr) { real, unknown = os.Readlink(fmt.Sprintf("/proc/self/fd/%d", fd)) })
	if err = errors.Join(err, unknown); err != nil || h.sees(real) {
		return err
	}
	return hidden(path)
}

// hidden returns the error of a file that is there and that workers do not see.
func hidden(path string) error {
	err := errs.New(errs.NotFound, "workers do not see %s: "+
		"put it into a directory that this node shares with them (shared_directories)", path)
	err.Cause = fs.ErrNotExist
	return err
}

// Open opens a file for reading as the worker could, by the path that it would name. It refuses what is no regular
// file. The caller closes it.
func (h *Home) Open(path string) (*os.File, error) {
	if name, own := h.inside(path); own {
		return h.Work.Open(name)
	}
	file, err := openIn(h.shown(path))
	if err == nil || errors.Is(err, fs.ErrNotExist) {
		return file, err
	}
	if !h.mayLookAt(path) {
		return nil, hidden(path)
	}
	if file, err = h.User.Open(path); err != nil {
		return nil, err
	}
	if err := h.checkOpened(file, path); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return file, nil
}

// Readlink returns where a link leads to, by the path that the worker would name.
func (h *Home) Readlink(path string) (string, error) {
	if name, own := h.inside(path); own {
		return h.Work.Readlink(name)
	}
	target, err := readlinkIn(h.shown(path))
	if err == nil || errors.Is(err, fs.ErrNotExist) {
		return target, err
	}
	if !h.mayLookAt(path) {
		return "", hidden(path)
	}
	return h.User.Readlink(path)
}
