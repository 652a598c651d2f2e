package guest

import (
	"fmt"
	"os"
	"runtime"
	"unsafe"

	"golang.org/x/sys/unix"
)

// User is the user that a worker runs as. A nil User is the agent's own: an agent that is not root has no other to
// give.
type User struct {
	UID uint32 `json:"uid"`
	GID uint32 `json:"gid"`
}

// Do calls f with the user's rights on files. f must not leave file operations to other goroutines: they have the
// agent's rights.
func (u *User) Do(f func() error) error {
	if u.own() {
		return f()
	}
	done := make(chan error, 1)
	go func() { done <- u.apart(f) }()
	return <-done
}

// own says whether the user is the agent's own.
func (u *User) own() bool { return u == nil || int(u.UID) == os.Geteuid() }

// apart calls f on a thread that ends with this goroutine, as it stays locked. The process's first thread cannot end
// and would lose the signal that it asked for at its parent's death, so it is never used.
func (u *User) apart(f func() error) error {
	runtime.LockOSThread()
	if unix.Gettid() == unix.Getpid() {
		defer runtime.UnlockOSThread() // held until another thread has done it
		return u.Do(f)
	}
	if err := u.take(); err != nil {
		return fmt.Errorf("cannot take the rights of user %d: %w", u.UID, err)
	}
	return f()
}

// take gives this thread the user's rights for good. Package unix would change all threads of the process.
func (u *User) take() error {
	groups := [1]uint32{u.GID}
	if _, _, errno := unix.RawSyscall(unix.SYS_SETGROUPS, 1, uintptr(unsafe.Pointer(&groups[0])), 0); errno != 0 {
		return errno
	}
	_, _, _ = unix.RawSyscall(unix.SYS_SETFSGID, uintptr(u.GID), 0, 0)
	_, _, _ = unix.RawSyscall(unix.SYS_SETFSUID, uintptr(u.UID), 0, 0)
	if !taken(unix.SYS_SETFSGID, u.GID) || !taken(unix.SYS_SETFSUID, u.UID) { // these two calls tell no error
		return unix.EPERM
	}
	return giveUpCapabilities()
}

// taken says whether the thread's id for files is that one: a call with an id that nobody has changes nothing and
// returns it.
func taken(call uintptr, id uint32) bool {
	now, _, _ := unix.RawSyscall(call, ^uintptr(0), 0, 0)
	return uint32(now) == id
}

// giveUpCapabilities leaves this thread without any.
func giveUpCapabilities() error {
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var none [2]unix.CapUserData
	return unix.Capset(&header, &none[0])
}
