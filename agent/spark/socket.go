package spark

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"syscall"

	"github.com/headrace/headrace/agent/guest"
	"github.com/headrace/headrace/agent/runtime"
)

// The sockets of a worker.
const (
	agentSocket = "agent.sock" // of a driver, where it asks for executors
	warmSocket  = "warm.sock"  // of a process that waits
)

// maxSocketPath is how long the path of a unix socket may be, in bytes, with its closing zero: Java takes one byte less
// than the kernel does.
const maxSocketPath = 107

// socketSeen returns the path at which a worker finds a socket: its own, or, where that is too long, that of a link in
// a short directory under a name made from it.
func (e *Engine) socketSeen(home *runtime.Home, name string) string {
	path := filepath.Join(home.SocketsSeen, name)
	if len(path) < maxSocketPath {
		return path
	}
	digest := sha256.Sum256([]byte(path))
	return filepath.Join(e.socketDir(), hex.EncodeToString(digest[:8])+".sock")
}

// socketDir returns the short directory.
func (e *Engine) socketDir() string {
	if e.config.SocketDir != "" {
		return e.config.SocketDir
	}
	return filepath.Join(os.TempDir(), "headrace-"+strconv.Itoa(os.Getuid()))
}

// workerSocket is a socket that only one worker may use. Only the agent writes to its directory.
type workerSocket struct {
	net.Listener
	path string
	link string // empty: the worker knows the path
}

// openSocket listens on a socket of a worker.
func (e *Engine) openSocket(home *runtime.Home, name string) (*workerSocket, error) {
	s := &workerSocket{path: filepath.Join(home.Sockets, name)}
	if err := s.listen(home.Sockets, name); err != nil {
		return nil, err
	}
	err := give(s.path, home.User)
	if seen := e.socketSeen(home, name); err == nil && seen != filepath.Join(home.SocketsSeen, name) {
		s.link = seen
		err = e.linkSocket(s)
	}
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// listen listens by way of the open directory: the path itself may be longer than the kernel takes.
func (s *workerSocket) listen(dir, name string) error {
	folder, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer func() { _ = folder.Close() }()
	if err := os.Remove(s.path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	listener, err := net.ListenUnix("unix", &net.UnixAddr{
		Net:  "unix",
		Name: fmt.Sprintf("/proc/self/fd/%d/%s", folder.Fd(), name),
	})
	if err != nil {
		return err
	}
	listener.SetUnlinkOnClose(false) // that number is another folder's then
	s.Listener = listener
	return nil
}

// Close ends the listening and removes the socket.
func (s *workerSocket) Close() error {
	err := s.Listener.Close()
	_ = os.Remove(s.path)
	if s.link != "" {
		_ = os.Remove(s.link)
	}
	return err
}

// give lets only the worker's user use a socket.
func give(path string, user *guest.User) error {
	if err := os.Chmod(path, 0o600); err != nil || user == nil {
		return err
	}
	return os.Lchown(path, int(user.UID), int(user.GID))
}

// linkSocket makes the link in the short directory, which nobody else may write to.
func (e *Engine) linkSocket(s *workerSocket) error {
	dir := e.socketDir()
	if err := os.MkdirAll(dir, 0o711); err != nil { //nolint:gosec // workers of another user pass through
		return err
	}
	info, err := os.Lstat(dir)
	if err != nil {
		return err
	}
	owner, ok := info.Sys().(*syscall.Stat_t)
	if !ok || !info.IsDir() || int(owner.Uid) != os.Getuid() || info.Mode().Perm()&0o022 != 0 {
		return fmt.Errorf("cannot use the directory %s: another user may write there", dir)
	}
	if err := os.Remove(s.link); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return os.Symlink(s.path, s.link)
}
