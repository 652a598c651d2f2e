package runtime

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/headrace/headrace/agent/runtime/sandbox"
	"github.com/headrace/headrace/internal/errs"
)

// Show lets the worker see directories that its program needs, even where others are hidden. Call it before the worker starts.
func (h *Home) Show(dirs ...string) {
	for _, dir := range dirs {
		if dir != "" && !slices.Contains(h.reads, dir) {
			h.reads = append(h.reads, dir)
		}
	}
}

// Stat returns what the worker can know of a file before it runs, by the path that it would name. Its error is fs.ErrNotExist if there
// is none, and says so if there is one that workers do not see.
func (h *Home) Stat(path string) (fs.FileInfo, error) {
	if name, own := h.inside(path); own {
		return h.Work.Stat(name)
	}
	info, err := h.User.Stat(path)
	if err == nil {
		err = h.checkSight(path)
	}
	return info, err
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
	if err != nil || h.box.Sees(real) || slices.ContainsFunc(h.reads, func(dir string) bool { return sandbox.Below(real, dir) }) {
		return err
	}
	return hidden(path)
}

// hidden returns the error of a file that is there and that workers do not see.
func hidden(path string) error {
	err := errs.New(errs.NotFound, "workers do not see %s: put it into a directory that this node shares with them (shared_directories)", path)
	err.Cause = fs.ErrNotExist
	return err
}

// Open opens a file for reading as the worker could, by the path that it would name. It refuses what is no regular file. The caller
// closes it.
func (h *Home) Open(path string) (*os.File, error) {
	if name, own := h.inside(path); own {
		return h.Work.Open(name)
	}
	if err := h.checkSight(path); err != nil {
		return nil, err
	}
	return h.User.Open(path)
}

// Readlink returns where a link leads to, by the path that the worker would name.
func (h *Home) Readlink(path string) (string, error) {
	if name, own := h.inside(path); own {
		return h.Work.Readlink(name)
	}
	return h.User.Readlink(path)
}
