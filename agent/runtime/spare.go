package runtime

import (
	"crypto/sha256"
	"io"
	"os"
	"path/filepath"
	"syscall"

	"golang.org/x/sys/unix"
)

const (
	// spareArgument has a shim wait for its worker.
	spareArgument = "spare"
	// directoryFD is the number that the pipe has in a spare by which it is told its worker's directory.
	directoryFD = 4
	// maxDirectory bounds a directory's path: what fits into a pipe is there as a whole.
	maxDirectory = 4096
)

// spare is a shim that has no worker yet. It runs, in namespaces of its own, which is a good part of what a start
// takes. It ends when nobody can tell it a directory any more: when this process is gone.
type spare struct {
	pid    int
	tell   *os.File
	report *os.File
	mounts [sha256.Size]byte // it may not see what is mounted later
}

// keepSpare starts a spare for the next worker, unless there is one. It only makes that start shorter, so its errors
// are not told.
func (r *Runtime) keepSpare() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed || r.spare != nil {
		return
	}
	r.watchers.Go(func() {
		made, err := r.startSpare()
		if err != nil {
			return
		}
		r.mu.Lock()
		kept := !r.closed && r.spare == nil
		if kept {
			r.spare = made
		}
		r.mu.Unlock()
		if !kept {
			made.end()
		}
	})
}

func (r *Runtime) startSpare() (*spare, error) {
	mounts, err := mountsNow()
	if err != nil {
		return nil, err
	}
	read, tell, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer func() { _ = read.Close() }()
	report, pid, err := r.startShim(nil, []string{r.root(), spareArgument}, read)
	if err != nil {
		_ = tell.Close()
		return nil, err
	}
	return &spare{
		pid:    pid,
		tell:   tell,
		report: report,
		mounts: mounts,
	}, nil
}

// takeSpare returns the spare, which holds the worker of a directory from now on; nil if there is none that can.
func (r *Runtime) takeSpare(dir string) *spare {
	r.mu.Lock()
	kept := r.spare
	r.spare = nil
	r.mu.Unlock()
	if kept == nil {
		return nil
	}
	if mounts, err := mountsNow(); err != nil || mounts != kept.mounts || !kept.hold(dir) {
		kept.end()
		return nil
	}
	return kept
}

// hold tells the spare its directory, unless it is dead.
func (s *spare) hold(dir string) bool {
	if len(dir) > maxDirectory {
		return false
	}
	_, err := io.WriteString(s.tell, dir)
	return err == nil && s.tell.Close() == nil
}

// end lets a spare go that nobody needs, and returns when it is gone.
func (s *spare) end() {
	_ = s.tell.Close()
	_ = s.report.Close()
	_ = syscall.Kill(s.pid, syscall.SIGKILL)
	_, _ = syscall.Wait4(s.pid, nil, 0, nil)
}

// mountsNow returns a digest of what is mounted.
func mountsNow() (sum [sha256.Size]byte, err error) {
	content, err := os.ReadFile("/proc/self/mountinfo")
	return sha256.Sum256(content), err
}

// awaitDirectory returns the directory that a spare is told, whose log it writes to from then on; empty: there is no
// worker for it.
func awaitDirectory() (dir string, err error) {
	syscall.CloseOnExec(directoryFD)
	told := os.NewFile(directoryFD, "directory")
	defer func() { _ = told.Close() }()
	content, err := io.ReadAll(io.LimitReader(told, maxDirectory))
	if err != nil || len(content) == 0 {
		return "", err
	}
	dir = string(content)
	log, err := openShimLog(dir)
	if err != nil {
		return "", err
	}
	defer func() { _ = log.Close() }()
	for _, fd := range []int{int(os.Stdout.Fd()), int(os.Stderr.Fd())} {
		if err := unix.Dup3(int(log.Fd()), fd, 0); err != nil {
			return "", err
		}
	}
	return dir, nil
}

// openShimLog opens what a shim says to operators.
func openShimLog(dir string) (*os.File, error) {
	return os.OpenFile(filepath.Join(dir, shimLogFile), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
}
