package runtime

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// Adopt finds every worker that is not forgotten: those whose shim lives are watched again, the others have ended.
// Directories of workers that were never started are removed, and folders of logs that no worker's directory names.
// Call it once, before anything is started.
func (r *Runtime) Adopt() ([]Worker, error) {
	entries, err := os.ReadDir(r.root())
	if err != nil {
		return nil, err
	}
	var found []Worker
	for _, entry := range entries {
		if !entry.IsDir() {
			continue // the old name of a worker that was taken
		}
		if w := r.adopt(entry.Name()); w != nil {
			found = append(found, w)
		}
	}
	if err := errors.Join(r.sweepLogs(), r.sweepHomes(), r.removeLinks()); err != nil {
		r.config.Logger.Error("cannot remove logs and homes that belong to no worker", "error", err)
	}
	return found, nil
}

// adoptHomes notes the homes of all workers' directories, those that are only kept for people too.
func (r *Runtime) adoptHomes() error {
	entries, err := os.ReadDir(r.root())
	for _, entry := range entries {
		spec := Spec{ID: entry.Name()}
		found, unreadable := readJSON(filepath.Join(r.Dir(spec.ID), specFile), &spec)
		if entry.IsDir() && found && unreadable == nil {
			r.adoptHome(spec)
		}
	}
	return err
}

// adopt finds the worker of a directory; nil: the directory is no worker's, or is forgotten.
func (r *Runtime) adopt(id string) Worker {
	dir := r.Dir(id)
	if exists(filepath.Join(dir, forgottenFile)) {
		return nil
	}
	var exit Exit
	if ended, err := readJSON(filepath.Join(dir, exitFile), &exit); ended && err == nil {
		return endedWorker(id, dir, exit)
	}
	spec := Spec{ID: id}
	if started, _ := readJSON(filepath.Join(dir, specFile), &spec); !started {
		_ = os.RemoveAll(dir)
		return nil
	}
	if w := r.adoptLive(spec); w != nil {
		return w
	}
	return endedWorker(id, dir, r.settle(spec))
}

// adoptLive watches the worker's shim; nil if there is none.
func (r *Runtime) adoptLive(spec Spec) *watched {
	path := filepath.Join(r.Dir(spec.ID), shimFile)
	err := claimJSON(path, identity{}) // a shim that comes up only now finds that it is too late
	var shim identity
	if found, readErr := readJSON(path, &shim); !errors.Is(err, fs.ErrExist) || !found || readErr != nil {
		return nil
	}
	if shim.BootID != r.bootID || shim.PID == 0 {
		return nil
	}
	fd, err := unix.PidfdOpen(shim.PID, 0) // keeps the pid ours between the question and the watch
	if err != nil {
		return nil
	}
	defer func() { _ = unix.Close(fd) }()
	if now, err := identify(shim.PID, r.bootID); err != nil || now != shim {
		return nil
	}
	w, err := r.watch(spec, shim.PID)
	if err != nil {
		return nil
	}
	return w
}

func endedWorker(id, dir string, exit Exit) *watched {
	w := &watched{
		id:   id,
		dir:  dir,
		exit: exit,
		done: make(chan struct{}),
	}
	w.memory, _ = watchMemory("")
	close(w.done)
	return w
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
