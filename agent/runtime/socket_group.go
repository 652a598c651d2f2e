package runtime

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// socketGroup is the control group of version 2 of a worker that has its limits in version 1: it tells whose a socket
// is. It is held by its folders, because a shim has no path to it any more once it has arranged its sandbox. Nil: there
// is none.
type socketGroup struct {
	folder, parent *os.File
}

// makeSocketGroup makes a control group of version 2, unless it is there, and returns its id.
func makeSocketGroup(path string) (uint64, error) {
	if err := os.MkdirAll(path, 0o755); err != nil {
		return 0, err
	}
	var stat unix.Stat_t
	err := unix.Stat(path, &stat)
	return stat.Ino, err
}

// openSocketGroup opens the group of a path below the root; nil: the agent has made none.
func openSocketGroup(path string) *socketGroup {
	at := filepath.Join(unifiedRoot(), path)
	folder, err := os.Open(at)
	if err != nil {
		return nil
	}
	parent, err := os.Open(filepath.Dir(at))
	if err != nil {
		_ = folder.Close()
		return nil
	}
	return &socketGroup{folder: folder, parent: parent}
}

// remove removes the group, if it is empty.
func (g *socketGroup) remove() error {
	if g == nil {
		return nil
	}
	err := unix.Unlinkat(int(g.parent.Fd()), filepath.Base(g.folder.Name()), unix.AT_REMOVEDIR)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

func (g *socketGroup) close() {
	if g != nil {
		_ = g.folder.Close()
		_ = g.parent.Close()
	}
}
