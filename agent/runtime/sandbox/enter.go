package sandbox

import (
	"fmt"
	"os"

	"github.com/containerd/cgroups/v3"
	"golang.org/x/sys/unix"
)

// unifiedInHybrid is where a machine with both versions of control groups has the new one. crun refuses such machines,
// though it makes no groups here.
const unifiedInHybrid = "/sys/fs/cgroup/unified"

// rootDir is where in a bundle a shim puts the node's root file system, in its own mount namespace.
const rootDir = "root"

// Namespaces are what a shim has to be started in, for clone(2).
const Namespaces = unix.CLONE_NEWNS | unix.CLONE_NEWPID

// Enter makes this process's view of the machine its own: what is mounted from here on nobody else sees, and /proc has
// the processes of this PID namespace. Call it first in a process that was started in Namespaces.
func Enter() error {
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_SLAVE, ""); err != nil {
		return fmt.Errorf("cannot make the mounts its own: %w", err)
	}
	if err := unix.Mount("proc", "/proc", "proc", unix.MS_NOSUID|unix.MS_NODEV|unix.MS_NOEXEC, ""); err != nil {
		return fmt.Errorf("cannot mount /proc: %w", err)
	}
	return nil
}

// Arrange puts the node's root file system, read-only to the last mount in it, where the bundle has its root.
func (h Held) Arrange() error {
	if cgroups.Mode() == cgroups.Hybrid {
		_ = unix.Unmount(unifiedInHybrid, unix.MNT_DETACH) // crun says what is wrong if that fails
	}
	root := h.path(rootDir)
	if err := os.MkdirAll(root, 0o700); err != nil {
		return err
	}
	if err := unix.Mount("/", root, "", unix.MS_BIND|unix.MS_REC, ""); err != nil {
		return fmt.Errorf("cannot show the root file system: %w", err)
	}
	only := &unix.MountAttr{Attr_set: unix.MOUNT_ATTR_RDONLY | unix.MOUNT_ATTR_NOSUID | unix.MOUNT_ATTR_NODEV}
	if err := unix.MountSetattr(unix.AT_FDCWD, root, unix.AT_RECURSIVE, only); err != nil {
		return fmt.Errorf("cannot make the root file system read-only (Linux 5.12 or newer can): %w", err)
	}
	return nil
}
