package release

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"golang.org/x/sys/unix"

	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/flock"
)

// lockWait is how long a second process waits for the first one before it looks again.
const lockWait = 200 * time.Millisecond

// stage is where a release is made before it is renamed to its folder. Only the holder of its lock may touch it.
type stage struct {
	root, label string
	folder      string // the name that it gets
	lock        *os.File
}

// openStage takes the lock of a folder for a release of that label, waiting for a process that makes the same one until
// ctx ends. The caller closes it.
func openStage(ctx context.Context, root, label, folder string) (*stage, error) {
	if err := checkLabel(label); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(root, 0o755); err != nil {
		return nil, errs.New(errs.Unavailable, "cannot make the directory of releases: %w", err)
	}
	lock, err := os.OpenFile(filepath.Join(root, "."+folder+".lock"), os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, errs.New(errs.Unavailable, "cannot lock release %s: %w", label, err)
	}
	s := &stage{root: root, label: label, folder: folder, lock: lock}
	if err := s.wait(ctx); err != nil {
		_ = lock.Close()
		return nil, err
	}
	return s, nil
}

// wait takes the lock.
func (s *stage) wait(ctx context.Context) error {
	err := flock.Wait(ctx, s.lock, lockWait)
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return errs.New(errs.Unavailable, "cannot make release %s: another process is making it: %w", s.label, err)
	default:
		return errs.New(errs.Unavailable, "cannot lock release %s: %w", s.label, err)
	}
}

// close gives the lock back. What is left of the stage stays: the next one goes on from whole archives in it.
func (s *stage) close() { _ = s.lock.Close() }

// dir returns the directory that everything is made in.
func (s *stage) dir() string { return filepath.Join(s.root, "."+s.folder+".partial") }

// path returns a path in the stage.
func (s *stage) path(elements ...string) string {
	return filepath.Join(append([]string{s.dir()}, elements...)...)
}

// clean removes everything in the stage but files to keep.
func (s *stage) clean(keep ...string) error {
	if err := os.MkdirAll(s.dir(), 0o755); err != nil {
		return err
	}
	entries, err := os.ReadDir(s.dir())
	for _, entry := range entries {
		if !slices.Contains(keep, entry.Name()) {
			err = errors.Join(err, os.RemoveAll(s.path(entry.Name())))
		}
	}
	return err
}

// publish writes the manifest into the directory in the stage, forces all to disk, and gives it its name.
func (s *stage) publish(name string, m Manifest) (Release, error) {
	content, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return Release{}, err
	}
	made := s.path(name)
	if err := os.WriteFile(filepath.Join(made, manifestName), append(content, '\n'), 0o644); err != nil {
		return Release{}, errs.New(errs.Unavailable, "cannot write the release: %w", err)
	}
	return s.rename(made)
}

// rename moves a finished release from the stage to its folder and removes the stage.
func (s *stage) rename(made string) (Release, error) {
	if err := syncAll(s.root); err != nil {
		return Release{}, errs.New(errs.Unavailable, "cannot write the release to disk: %w", err)
	}
	target := filepath.Join(s.root, s.folder)
	if err := os.RemoveAll(target); err != nil && !errors.Is(err, fs.ErrNotExist) { // what is there has no manifest
		return Release{}, errs.New(errs.Unavailable, "cannot remove the incomplete release: %w", err)
	}
	if err := os.Rename(made, target); err != nil {
		return Release{}, errs.New(errs.Unavailable, "cannot move the release to its folder: %w", err)
	}
	if err := os.RemoveAll(s.dir()); err != nil {
		return Release{}, errs.New(errs.Unavailable, "cannot remove what is left over: %w", err)
	}
	return read(target)
}

// syncAll forces the file system of a directory to disk: after a power cut a manifest must not stand beside empty
// files.
func syncAll(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer func() { _ = d.Close() }()
	return unix.Syncfs(int(d.Fd()))
}
