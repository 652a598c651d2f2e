package sandbox

import (
	"os/exec"
	"path/filepath"

	"github.com/headrace/headrace/internal/errs"
)

// Where a worker finds what is its own. The image that users know has its home there too.
const (
	Home    = "/home/hadoop"
	Sockets = "/run/headrace"
)

// Program is what makes sandboxes.
const Program = "crun"

// Config is what all sandboxes of an agent have in common. Begin with DefaultConfig.
type Config struct {
	// Program is the path of crun.
	Program string
	// Hidden are directories that no worker sees, besides those that are nobody's business on any machine.
	Hidden []string
	// Shared are directories that all workers see, and change as far as their owners let them.
	Shared []string
	// Processes bounds the processes and threads of one worker.
	Processes int64
	// OpenFiles bounds the files that one process of a worker has open.
	OpenFiles uint64
}

// DefaultConfig returns a configuration that lacks Program.
func DefaultConfig() Config { return Config{Processes: 8192, OpenFiles: 65536} }

// Find returns the path of crun.
func Find() (string, error) {
	path, err := exec.LookPath(Program)
	if err == nil {
		path, err = filepath.Abs(path)
	}
	if err != nil {
		return "", errs.New(errs.WrongState, "cannot isolate workers: "+
			"there is no %s; install it (apt-get install crun, dnf install crun)", Program)
	}
	return path, nil
}
