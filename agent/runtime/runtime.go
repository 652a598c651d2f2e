package runtime

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/headrace/headrace/agent/guest"
	"github.com/headrace/headrace/agent/runtime/sandbox"
	"github.com/headrace/headrace/internal/errs"
)

// Config is what a Runtime needs. Begin with DefaultConfig.
type Config struct {
	// DataDir holds the lease and the workers' directories. One agent uses it at a time.
	DataDir string
	// Executable calls ShimMain when its first argument is "shim"; empty: this binary.
	Executable string
	// Cgroup is the group below which each worker gets its own; empty: no limits.
	Cgroup string
	// MilliCPU are the thousandths of a CPU that the node offers: all workers weigh so much, and no more than the
	// machine has, beside what else runs on it; 0: as the kernel weighs them.
	MilliCPU int64
	// Users are the users that workers run as, each worker as one of its own; none: all run as User. Needs a process
	// that is root.
	Users Users
	// User is the user that all workers run as; nil: this process's own user. Needs a process that is root.
	User *guest.User
	// Group is the group of all workers that have a user of their own; 0: each has one of its own.
	Group uint32
	// Sandbox is what sandboxes have in common; nil: workers are not isolated. Needs Users or User, and Cgroup.
	Sandbox *sandbox.Config
	// ShuffleDir has the homes of workers on the disk for shuffle data; empty: they are in DataDir.
	ShuffleDir string
	// KeepFor is how long directories of forgotten workers are kept.
	KeepFor time.Duration
	// KeepBytes is how much disk all of them may use.
	KeepBytes int64
	// Holds says whether a forgotten worker's directory is still needed; nil: never.
	Holds func(id string) bool
	// Logger takes the runtime's messages; nil: the default logger.
	Logger *slog.Logger
}

// DefaultConfig returns a configuration that lacks DataDir.
func DefaultConfig() Config {
	return Config{Cgroup: "headrace", KeepFor: time.Hour, KeepBytes: 10 << 30}
}

// Runtime starts, finds and watches workers. Many goroutines may call its methods, but one at a time those about one
// worker.
type Runtime struct {
	config   Config
	bootID   string
	users    *users
	network  Network // nil: the ports of workers are open
	watchers sync.WaitGroup
	noted    sync.Once // a missing limit is logged once
	apart    bool      // shims are started in namespaces of their own
	errands  *Errands

	mu     sync.Mutex
	live   map[string]*watched // by id
	made   map[string]*Home    // by the worker's id
	spare  *spare              // nil: there is none
	closed bool

	cleaning sync.Mutex
	sizes    map[string]int64 // of forgotten workers, by id

	logs    sync.Mutex // nobody removes an empty folder while somebody makes one
	removed memory
}

// New makes the directories that are missing.
func New(config Config) (*Runtime, error) {
	if config.Executable == "" {
		self, err := os.Executable()
		if err != nil {
			return nil, errs.New(errs.Internal, "cannot find this binary: %w", err)
		}
		config.Executable = self
	}
	if config.Logger == nil {
		config.Logger = slog.Default()
	}
	bootID, err := BootID()
	if err != nil {
		return nil, errs.New(errs.Internal, "cannot read the machine's boot id: %w", err)
	}
	r := &Runtime{
		config: config,
		bootID: bootID,
		users:  newUsers(config),
		live:   map[string]*watched{},
		made:   map[string]*Home{},
		sizes:  map[string]int64{},
	}
	r.errands = NewErrands(r)
	if err := r.makeRoots(); err != nil {
		return nil, errs.New(errs.Unavailable, "cannot make the workers' directories: %w", err)
	}
	if err := r.adoptHomes(); err != nil { // before anybody gets a user
		return nil, errs.New(errs.Unavailable, "cannot read the workers' directories: %w", err)
	}
	r.probeCgroups()
	r.apart = r.canStartApart()
	return r, nil
}

// makeRoots makes the directories of all workers. Workers pass through those of homes to their own.
func (r *Runtime) makeRoots() error {
	err := os.MkdirAll(r.root(), 0o700)
	for _, shuffleDisk := range []bool{false, true} {
		err = errors.Join(err, os.MkdirAll(r.homes(shuffleDisk), 0o711)) //nolint:gosec // see above
	}
	return err
}

// probeCgroups goes on without limits where this process may not set them.
func (r *Runtime) probeCgroups() {
	if r.config.Cgroup == "" {
		return
	}
	probe := fmt.Sprintf("%s/probe-%d", r.config.Cgroup, os.Getpid())
	made, err := makeGroup(probe, limits{milliCPU: 1000, memoryBytes: 64 << 20, throttled: true})
	if err == nil {
		err = made.remove()
	}
	if err != nil {
		r.config.Cgroup = ""
		r.note("control groups cannot be made: " + err.Error())
		return
	}
	if err := weighParents(r.config.Cgroup, r.config.MilliCPU); err != nil {
		r.config.Logger.Warn("all workers together weigh as one thread of this machine", "error", err)
	}
}

// note says once what workers go on without.
func (r *Runtime) note(what string) {
	r.noted.Do(func() { r.config.Logger.Warn("workers run without limits of memory and CPU", "reason", what) })
}

// Limits says whether workers are held to their memory and CPU.
func (r *Runtime) Limits() bool { return r.config.Cgroup != "" }

// Close stops watching. Workers go on; a Runtime that is made later finds them.
func (r *Runtime) Close() {
	r.mu.Lock()
	r.closed = true
	for _, w := range r.live {
		w.unwatch()
	}
	left := r.spare
	r.spare = nil
	r.mu.Unlock()
	if left != nil {
		left.end()
	}
	r.watchers.Wait()
}

func (r *Runtime) root() string { return filepath.Join(r.config.DataDir, "workers") }

// Dir returns the directory of a worker, whether it is there or not.
func (r *Runtime) Dir(id string) string { return filepath.Join(r.root(), id) }

// MakeDir makes the directory of a worker, which only the agent uses.
func (r *Runtime) MakeDir(id string) error {
	if err := CheckID(id); err != nil {
		return err
	}
	if err := os.MkdirAll(r.Dir(id), 0o700); err != nil {
		return errs.New(errs.Unavailable, "cannot make the worker's directory: %w", err)
	}
	return nil
}

// CheckID returns an Invalid error for what cannot be the id of a worker. Servers say ids, and directories are named by
// them.
func CheckID(id string) error {
	if id == "" || strings.HasPrefix(id, ".") || !filepath.IsLocal(id) || filepath.Base(id) != id {
		return errs.New(errs.Invalid, "cannot keep a worker named %q: an id is one file name", id)
	}
	return nil
}
