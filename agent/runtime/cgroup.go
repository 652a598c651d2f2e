package runtime

import (
	"os"
	"syscall"

	"github.com/containerd/cgroups/v3"
)

// cpuPeriodMicros is the period over which a CPU limit is counted, the kernel's default.
const cpuPeriodMicros = 100_000

// limits are what a worker may use; 0: no limit.
type limits struct {
	milliCPU    int64
	memoryBytes int64
	processes   int64
	throttled   bool // the group has its limit of CPU from the beginning; else since throttle
}

// cpuQuota returns the microseconds of CPU time per period; the kernel takes no less than 1,000.
func (l limits) cpuQuota() int64 { return max(l.milliCPU*cpuPeriodMicros/1000, 1000) }

// group is a worker's control group. It is made by the shim, and opened by an agent whose shim is gone.
type group interface {
	// start calls fork so that the process that it makes is born in the group.
	start(fork func(*syscall.SysProcAttr) (int, error), attr *syscall.SysProcAttr) (int, error)
	// leave takes the thread that called start out of the group, if it is inside. It may take the kernel some
	// milliseconds.
	leave()
	// kill kills every process in the group, those that fork meanwhile too.
	kill() error
	// used returns the most memory that the group used in bytes, and whether the out-of-memory killer was there.
	used() (peakBytes int64, oom bool)
	// events returns a file that can be read when the out-of-memory killer may have been there.
	events() (*os.File, error)
	// weigh gives the group its usual weight against other groups, by its limits, or the lowest that there is.
	weigh(l limits, low bool) error
	// throttle gives the group its limit of CPU.
	throttle(l limits) error
	// remove removes the empty group.
	remove() error
}

// makeGroup makes a group with limits, by the machine's version of control groups.
func makeGroup(path string, l limits) (group, error) {
	if cgroups.Mode() == cgroups.Unified {
		return makeGroupV2(path, l)
	}
	return makeGroupV1(path, l)
}

// openGroup opens a group that was made.
func openGroup(path string) (group, error) {
	if cgroups.Mode() == cgroups.Unified {
		return openGroupV2(path)
	}
	return openGroupV1(path)
}

// noGroup is the group of a worker without limits.
type noGroup struct{}

func (noGroup) start(fork func(*syscall.SysProcAttr) (int, error), attr *syscall.SysProcAttr) (int, error) {
	return fork(attr)
}

func (noGroup) leave() {}

func (noGroup) kill() error { return nil }

func (noGroup) used() (int64, bool) { return 0, false }

func (noGroup) events() (*os.File, error) { return nil, os.ErrInvalid }

func (noGroup) weigh(limits, bool) error { return nil }

func (noGroup) throttle(limits) error { return nil }

func (noGroup) remove() error { return nil }

// others returns pids without this process's own.
func others(pids []int) []int {
	var rest []int
	for _, pid := range pids {
		if pid != os.Getpid() {
			rest = append(rest, pid)
		}
	}
	return rest
}
