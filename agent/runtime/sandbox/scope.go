package sandbox

import (
	"errors"
	"fmt"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Scope keeps this thread, and what it starts from here on, from abstract Unix sockets of all others: they have names in the network
// that workers share with the node, and no permissions. It returns false if the kernel cannot do that; Linux 6.12 and newer can.
func Scope() (kept bool, err error) {
	ruleset := unix.LandlockRulesetAttr{Scoped: unix.LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET}
	fd, _, errno := unix.Syscall(unix.SYS_LANDLOCK_CREATE_RULESET, uintptr(unsafe.Pointer(&ruleset)), unsafe.Sizeof(ruleset), 0)
	switch {
	case errors.Is(errno, unix.ENOSYS), errors.Is(errno, unix.EOPNOTSUPP), errors.Is(errno, unix.E2BIG), errors.Is(errno, unix.EINVAL):
		return false, nil // no Landlock, switched off, or an older one
	case errno != 0:
		return false, fmt.Errorf("cannot keep the worker from others' abstract sockets: %w", errno)
	}
	defer func() { _ = unix.Close(int(fd)) }()
	if _, _, errno := unix.Syscall(unix.SYS_LANDLOCK_RESTRICT_SELF, fd, 0, 0); errno != 0 {
		return false, fmt.Errorf("cannot keep the worker from others' abstract sockets: %w", errno)
	}
	return true, nil
}
