package sandbox

import (
	"fmt"
	"unsafe"

	"golang.org/x/sys/unix"
)

// scopingABI is the version of Landlock since which it can scope abstract sockets.
const scopingABI = 6

// Scopes says whether Scope can do what it is for; Linux 6.12 and newer can.
func Scopes() bool {
	abi, _, errno := unix.Syscall(unix.SYS_LANDLOCK_CREATE_RULESET, 0, 0, unix.LANDLOCK_CREATE_RULESET_VERSION)
	return errno == 0 && abi >= scopingABI
}

// Scope keeps this thread, and what it starts from here on, from abstract Unix sockets of all others: they have names
// in the network that workers share with the node, and no permissions. It does nothing where Scopes says false.
func Scope() error {
	if !Scopes() {
		return nil
	}
	ruleset := unix.LandlockRulesetAttr{Scoped: unix.LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET}
	fd, _, errno := unix.Syscall(unix.SYS_LANDLOCK_CREATE_RULESET,
		uintptr(unsafe.Pointer(&ruleset)), unsafe.Sizeof(ruleset), 0)
	if errno == 0 {
		defer func() { _ = unix.Close(int(fd)) }()
		_, _, errno = unix.Syscall(unix.SYS_LANDLOCK_RESTRICT_SELF, fd, 0, 0)
	}
	if errno != 0 {
		return fmt.Errorf("cannot keep the worker from others' abstract sockets: %w", errno)
	}
	return nil
}
