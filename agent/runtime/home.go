package runtime

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/headrace/headrace/agent/guest"
	"github.com/headrace/headrace/agent/runtime/sandbox"
	"github.com/headrace/headrace/internal/errs"
)

// Folders of a home.
const (
	workFolder    = "work"
	tmpFolder     = "tmp"
	varTmpFolder  = "var-tmp"
	socketsFolder = "sockets"
	homesFolder   = "homes" // of all homes, below the data directory and below that of the shuffle disk
)

// Home is where a worker lives on this node. All that is in Work belongs to the worker.
type Home struct {
	// ID is the worker's.
	ID string
	// User is the user that the worker runs as; nil: the agent's own user.
	User *guest.User
	// Work is its working directory; nil once the worker runs, and where homes have no files (agent/runtime/memory).
	// Close closes it.
	Work *guest.Folder
	// Seen is the path of Work, as the worker sees it.
	Seen string
	// Sockets is the directory for sockets of the agent that the worker may use, and SocketsSeen its path as the worker
	// sees it. Only the agent makes files there.
	Sockets, SocketsSeen string

	path  string          // of the whole home; empty: it is in no directory, as in memory
	box   *sandbox.Config // nil: it has none
	reads []string        // what the worker sees besides
}

// Close closes the working directory.
func (h *Home) Close() {
	if h.Work != nil {
		_ = h.Work.Close()
		h.Work = nil
	}
}

// Path returns the path of Work on this node. What is below belongs to the worker: package guest alone goes there.
// Empty: the home is in no directory.
func (h *Home) Path() string {
	if h.path == "" {
		return ""
	}
	return filepath.Join(h.path, workFolder)
}

// MakeShown makes a folder beside Work that the agent goes on to write to, and the worker only reads. It returns its
// path, which is the same for the worker.
func (h *Home) MakeShown(name string) (string, error) {
	if h.path == "" {
		return "", errs.New(errs.WrongState,
			"cannot make the folder %s of worker %s: its home is in no directory", name, h.ID)
	}
	path := filepath.Join(h.path, name)
	err := os.Mkdir(path, 0o700)
	if err == nil {
		err = h.ShowFile(path, 0o750)
	}
	h.Show(path)
	return path, err
}

// ShowFile lets the worker read a file, or enter a folder, that the agent made where the worker may change nothing.
func (h *Home) ShowFile(path string, mode fs.FileMode) error {
	if h.User != nil {
		if err := os.Lchown(path, -1, int(h.User.GID)); err != nil {
			return err
		}
	}
	return os.Chmod(path, mode)
}

// HomeOptions say what a home has to be like.
type HomeOptions struct {
	// Of is the worker whose user it belongs to, such as a process that waits, which the new worker may take over; nil:
	// a new user.
	Of Worker
	// ShuffleDisk puts it on the disk for shuffle data.
	ShuffleDisk bool
}

// MakeHome makes an empty home for a worker, and its directory. What an earlier agent that died made of it is removed.
// The caller closes it.
func (r *Runtime) MakeHome(id string, options HomeOptions) (*Home, error) {
	if err := r.MakeDir(id); err != nil {
		return nil, err
	}
	user, err := r.userFor(options.Of)
	if err != nil {
		return nil, err
	}
	home := r.home(id, filepath.Join(r.homes(options.ShuffleDisk), id), user)
	if err := r.furnish(home); err != nil {
		r.users.free(user)
		return nil, errs.New(errs.Unavailable, "cannot make the worker's home: %w", err)
	}
	r.mu.Lock()
	r.made[id] = home
	r.mu.Unlock()
	home.Work, err = user.Folder(home.Path())
	return home, err
}

// home describes a home.
func (r *Runtime) home(id, path string, user *guest.User) *Home {
	h := &Home{
		ID:      id,
		User:    user,
		path:    path,
		Sockets: filepath.Join(path, socketsFolder),
		box:     r.config.Sandbox,
	}
	h.Seen = h.Path()
	h.SocketsSeen = h.Sockets
	if r.config.Sandbox != nil {
		h.Seen = sandbox.Home
		h.SocketsSeen = sandbox.Sockets
	}
	return h
}

// Home returns the home of a worker, without its Work.
func (r *Runtime) Home(id string) (*Home, error) {
	made, err := r.homeMade(id)
	if err != nil {
		return nil, err
	}
	return r.home(id, made.path, made.User), nil
}

// homeMade returns a worker's home as it was made.
func (r *Runtime) homeMade(id string) (*Home, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if made := r.made[id]; made != nil {
		return made, nil
	}
	return nil, errs.New(errs.Internal, "cannot find the home of worker %s: none was made", id)
}

// homes returns where homes are made.
func (r *Runtime) homes(shuffleDisk bool) string {
	if shuffleDisk && r.config.ShuffleDir != "" {
		return filepath.Join(r.config.ShuffleDir, homesFolder)
	}
	return filepath.Join(r.config.DataDir, homesFolder)
}

// userFor returns the user of a home: that of another worker, or a new one. When none is free, the oldest home that is
// only kept for people goes.
func (r *Runtime) userFor(of Worker) (*guest.User, error) {
	if of != nil {
		if home, err := r.Home(of.ID()); err == nil { // else it has just been discarded
			r.users.hold(home.User)
			return home.User, nil
		}
	}
	user, err := r.users.take()
	for errs.Is(err, errs.Overloaded) && r.removeOldest() {
		user, err = r.users.take()
	}
	return user, err
}

// SameUser says whether a worker that is about to start belongs to the user of another one.
func (r *Runtime) SameUser(id string, other Worker) bool {
	one, err := r.Home(id)
	if err != nil {
		return false
	}
	two, err := r.Home(other.ID())
	if err != nil {
		return false
	}
	if one.User == nil || two.User == nil {
		return one.User == two.User
	}
	return *one.User == *two.User
}

// furnish makes the folders of a home: those of the worker for itself only. Only root can give them away.
func (r *Runtime) furnish(h *Home) error {
	if err := guest.Remove(h.path); err != nil {
		return err
	}
	for _, dir := range []string{h.path, h.Sockets} {
		if err := os.Mkdir(dir, 0o711); err != nil { //nolint:gosec // the worker passes through
			return err
		}
	}
	for _, name := range []string{workFolder, tmpFolder, varTmpFolder} {
		if err := giveFolder(filepath.Join(h.path, name), h.User); err != nil {
			return err
		}
	}
	return nil
}

// giveFolder makes an empty folder that belongs to a user.
func giveFolder(path string, user *guest.User) error {
	if err := os.Mkdir(path, 0o700); err != nil || user == nil {
		return err
	}
	return os.Lchown(path, int(user.UID), int(user.GID))
}

// removeHome removes a worker's home, whether it was started or not.
func (r *Runtime) removeHome(id string) error {
	home, err := r.Home(id)
	if err != nil {
		return nil //nolint:nilerr // it has none
	}
	if err := errors.Join(guest.Remove(home.path), r.removeLink(id)); err != nil {
		return err
	}
	r.users.free(home.User)
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.made, id)
	return nil
}

// adoptHome notes the home of a worker that an earlier agent started.
func (r *Runtime) adoptHome(spec Spec) {
	if spec.Home == "" {
		return // it was refused
	}
	r.users.hold(spec.User)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.made[spec.ID] = r.home(spec.ID, spec.Home, spec.User)
}

// removeLink removes the name that a taken home has for the worker that took it; see Take.
func (r *Runtime) removeLink(id string) error {
	for _, homes := range []string{r.homes(false), r.homes(true)} {
		path := filepath.Join(homes, id)
		if info, err := os.Lstat(path); err == nil && info.Mode()&fs.ModeSymlink != 0 {
			return os.Remove(path)
		}
	}
	return nil
}

// sweepHomes removes the homes that belong to no worker that was found.
func (r *Runtime) sweepHomes() (err error) {
	kept := map[string]bool{}
	r.mu.Lock()
	for id, home := range r.made {
		kept[home.path] = true
		kept[filepath.Join(filepath.Dir(home.path), id)] = true // a link to it
	}
	r.mu.Unlock()
	for _, homes := range []string{r.homes(false), r.homes(true)} {
		entries, _ := os.ReadDir(homes)
		for _, entry := range entries {
			if path := filepath.Join(homes, entry.Name()); !kept[path] {
				err = errors.Join(err, removeHomeOrLink(path, entry))
			}
		}
	}
	return err
}

func removeHomeOrLink(path string, entry fs.DirEntry) error {
	if entry.Type()&fs.ModeSymlink != 0 {
		return os.Remove(path)
	}
	return guest.Remove(path)
}
