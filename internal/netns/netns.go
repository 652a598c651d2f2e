package netns

import (
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// variable is in the environment of a test that runs again, in a network of its own.
const variable = "HEADRACE_TEST_NETWORK"

// Inside says whether the test is in a network of its own.
func Inside() bool { return os.Getenv(variable) != "" }

// Enter says whether the test is in a network of its own. If not, it has been run there, in a process that Enter
// started, and is over. A thread alone is not moved: it may be the process's first, whose network is what /proc shows
// to all others. Only root may call.
func Enter(t *testing.T) bool {
	t.Helper()
	if Inside() {
		if err := LoopbackUp(); err != nil {
			t.Fatal(err)
		}
		return true
	}
	again := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v", "-test.timeout=10m")
	again.Env = append(os.Environ(), variable+"=1")
	again.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET, Pdeathsig: syscall.SIGKILL}
	said, err := again.CombinedOutput()
	if err != nil {
		t.Errorf("in a network of its own: %v\n%s", err, said)
	}
	if strings.Contains(string(said), "\n--- SKIP") {
		t.Skipf("in a network of its own:\n%s", said)
	}
	return false
}

// LoopbackUp brings the loopback interface up of the network namespace that the calling thread is in. A new one begins
// with it down.
func LoopbackUp() error {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM, 0)
	if err != nil {
		return err
	}
	defer func() { _ = unix.Close(fd) }()
	request, err := unix.NewIfreq("lo")
	if err != nil {
		return err
	}
	request.SetUint16(unix.IFF_UP | unix.IFF_RUNNING)
	return unix.IoctlIfreq(fd, unix.SIOCSIFFLAGS, request)
}
