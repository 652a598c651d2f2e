package runtime

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"

	"github.com/headrace/headrace/agent/guest"
	"github.com/headrace/headrace/internal/errs"
)

// Take makes a worker that waits, such as a warm process in a slot, the worker of spec.ID, whose home was made for the
// same user and filled as for a start. What lies there moves into the home of the one that waits, and its directory
// gets the new name: the old one becomes a link to it, because its shim knows it by that. What it wrote so far is
// thrown away, and what it writes from now on goes to spec.Logs. The process itself notices nothing: the caller sees
// to it that it is quiet meanwhile.
//
// What a process keeps for life cannot be changed here: its program, environment, size, and whether it outlives a lease
// are those of the one that waits. After an error neither of the two is of use: discard the one that waits.
func (r *Runtime) Take(waiting Worker, spec Spec) (Worker, error) {
	var held Spec
	if found, err := readJSON(filepath.Join(r.Dir(waiting.ID()), specFile), &held); err != nil || !found {
		return nil, errs.New(errs.Internal, "cannot read what %s was started with: %w", waiting.ID(), err)
	}
	if err := r.claimLogs(&spec); err != nil {
		return nil, err
	}
	held.ID = spec.ID
	held.Logs = spec.Logs
	held.Peers = spec.Peers
	held.StartedAs = waiting.ID()
	if err := r.rename(held); err != nil {
		return nil, errs.New(errs.Internal, "cannot make %s worker %s: %w", waiting.ID(), spec.ID, err)
	}
	return r.watchAnew(waiting, held)
}

// rename makes the worker of held.StartedAs that of held.ID. The exchange of names is late: until then nothing of the
// one that waits is lost.
func (r *Runtime) rename(held Spec) error {
	before := r.Dir(held.StartedAs)
	after := r.Dir(held.ID)
	if err := r.moveIn(held.ID, held.StartedAs); err != nil {
		return err
	}
	if err := moveFiles(after, before); err != nil {
		return err
	}
	if err := moveLogs(before, filepath.Join(r.logsRoot(), held.Logs)); err != nil {
		return err
	}
	if err := writeJSON(filepath.Join(before, specFile), held); err != nil {
		return err
	}
	if err := exchange(before, after); err != nil {
		return err
	}
	return r.admit(held)
}

// watchAnew ends the watch of a worker under its old name and begins one under the new one.
func (r *Runtime) watchAnew(waiting Worker, spec Spec) (Worker, error) {
	var shim identity
	if found, err := readJSON(filepath.Join(r.Dir(spec.ID), shimFile), &shim); err != nil || !found {
		return nil, errs.New(errs.Internal, "cannot find who holds worker %s: %w", spec.ID, err)
	}
	fd, err := unix.PidfdOpen(shim.PID, 0) // keeps the pid ours while nobody watches it
	if err != nil {
		return nil, err
	}
	defer func() { _ = unix.Close(fd) }()
	if now, err := identify(shim.PID, r.bootID); err != nil || now != shim {
		return nil, errs.New(errs.Internal, "cannot watch worker %s: who held it is gone", spec.ID)
	}
	r.unwatch(waiting.ID())
	<-waiting.Done()
	return r.watch(spec, shim.PID)
}

// moveIn gives the home of one that waits to a worker, with what was made ready for that one.
func (r *Runtime) moveIn(id, waiting string) error {
	made, err := r.Home(id)
	if err != nil {
		return err
	}
	home, err := r.Home(waiting)
	if err != nil {
		return err
	}
	if err := home.User.Graft(made.Path(), home.Path()); err != nil {
		return err
	}
	if err := guest.Remove(made.path); err != nil {
		return err
	}
	r.users.free(made.User)
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.made, waiting)
	r.made[id] = r.home(id, home.path, home.User)
	if r.config.Sandbox == nil { // it sees its home by the path that it has on the node
		return os.Symlink(filepath.Base(home.path), made.path)
	}
	return nil
}

// moveFiles moves the files of a worker's directory into another one.
func moveFiles(from, to string) error {
	entries, err := os.ReadDir(from)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		if err := os.Rename(filepath.Join(from, entry.Name()), filepath.Join(to, entry.Name())); err != nil {
			return err
		}
	}
	return os.Remove(from)
}

// moveLogs empties what a worker wrote and moves it. Its process goes on to write to the same files, at their ends.
func moveLogs(from, to string) error {
	for _, name := range []string{"stdout", "stderr"} {
		old := filepath.Join(from, name)
		if err := errors.Join(os.Truncate(old, 0), os.Rename(old, filepath.Join(to, name))); err != nil {
			return err
		}
	}
	return nil
}

// exchange gives a directory a new name, which nothing has, and makes its old name a link to it, both at the same
// moment.
func exchange(dir, name string) error {
	if err := os.Symlink(filepath.Base(name), name); err != nil { // it leads to itself until the names are exchanged
		return err
	}
	if err := unix.Renameat2(unix.AT_FDCWD, dir, unix.AT_FDCWD, name, unix.RENAME_EXCHANGE); err != nil {
		return errors.Join(err, os.Remove(name))
	}
	return nil
}

// Confirm notes that a worker that was taken has begun what it was taken for. A worker that was not confirmed when its
// agent died may never begin.
func (r *Runtime) Confirm(id string) error {
	return writeJSON(filepath.Join(r.Dir(id), takenFile), struct{}{})
}

// Unconfirmed says whether a worker was taken and perhaps never began.
func (r *Runtime) Unconfirmed(id string) bool {
	var spec Spec
	found, err := readJSON(filepath.Join(r.Dir(id), specFile), &spec)
	return found && err == nil && spec.StartedAs != "" && !exists(filepath.Join(r.Dir(id), takenFile))
}

// Discard kills a worker that waits and removes everything of it. It returns when nothing is left of it.
func (r *Runtime) Discard(waiting Worker) error {
	if err := waiting.Stop(Stopped, 0); err != nil {
		return err
	}
	<-waiting.Done()
	if _, ended := waiting.Exit(); !ended {
		return nil // the runtime is closed: the next one does it
	}
	return r.RemoveDir(waiting.ID())
}

// RemoveDir removes the directory and the home of a worker that was never started, or has ended.
func (r *Runtime) RemoveDir(id string) error {
	return errors.Join(r.removeHome(id), os.RemoveAll(r.Dir(id)))
}

// removeLinks removes old names of workers whose directories are gone.
func (r *Runtime) removeLinks() error {
	entries, err := os.ReadDir(r.root())
	for _, entry := range entries {
		path := filepath.Join(r.root(), entry.Name())
		if entry.Type()&fs.ModeSymlink != 0 && !exists(path) {
			err = errors.Join(err, os.Remove(path))
		}
	}
	return err
}

// Weigh gives a worker its usual weight against the others of its machine, or the lowest that there is, so that it
// takes only CPU that nobody else wants. Without control groups nothing happens.
func (r *Runtime) Weigh(w Worker, low bool) error {
	var spec Spec
	if found, err := readJSON(filepath.Join(r.Dir(w.ID()), specFile), &spec); err != nil || !found {
		return err
	}
	if spec.Cgroup == "" || spec.MilliCPU == 0 {
		return nil
	}
	g, err := openGroup(spec.Cgroup)
	if err != nil {
		return err
	}
	return g.weigh(limits{milliCPU: spec.MilliCPU}, low)
}
