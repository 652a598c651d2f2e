package smalldisk

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// variable is in the environment of a test that runs again, where it may mount a disk that nobody else sees.
const variable = "HEADRACE_TEST_SMALL_DISK"

// Enter returns a directory on a disk of that many bytes, which has to be a multiple of 4096, if the test may mount
// one. If inside is false, the test has been run in a process of its own, where it may, and is over. Where no process
// may, it is skipped.
func Enter(t *testing.T, bytes int) (dir string, inside bool) {
	t.Helper()
	if os.Getenv(variable) != "" {
		return mount(t, bytes), true
	}
	again := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v", "-test.timeout=2m")
	again.Env = append(os.Environ(), variable+"=1")
	again.SysProcAttr = ownMounts()
	said, err := again.CombinedOutput()
	if err != nil && len(said) == 0 {
		t.Skipf("cannot start a process that may mount a small disk: %v", err)
	}
	if err != nil {
		t.Errorf("on a small disk: %v\n%s", err, said)
	}
	if strings.Contains(string(said), "\n--- SKIP") {
		t.Skipf("on a small disk:\n%s", said)
	}
	return "", false
}

// ownMounts is a process with mounts of its own, in which it is root.
func ownMounts() *syscall.SysProcAttr {
	if os.Geteuid() == 0 {
		return &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNS}
	}
	return &syscall.SysProcAttr{
		Cloneflags:  syscall.CLONE_NEWNS | syscall.CLONE_NEWUSER,
		UidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}},
	}
}

// mount mounts a disk in memory for as long as the test runs.
func mount(t *testing.T, bytes int) string {
	t.Helper()
	dir := t.TempDir()
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		t.Skipf("cannot keep mounts to this process: %v", err)
	}
	if err := unix.Mount("small", dir, "tmpfs", 0, fmt.Sprintf("size=%d", bytes)); err != nil {
		t.Skipf("cannot mount a small disk: %v", err)
	}
	t.Cleanup(func() {
		if err := unix.Unmount(dir, unix.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return dir
}
