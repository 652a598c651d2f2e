package runtime

import (
	"os"
	"path/filepath"
	"syscall"

	"github.com/containerd/cgroups/v3/cgroup2"
	"golang.org/x/sys/unix"
)

// unified is where version 2 is mounted.
const unified = "/sys/fs/cgroup"

// groupV2 is a group in the unified hierarchy.
type groupV2 struct {
	manager *cgroup2.Manager
	path    string // in the file system
}

func makeGroupV2(path string, l limits) (group, error) {
	made, err := cgroup2.NewManager(unified, "/"+path, l.resourcesV2())
	if err != nil {
		return nil, err
	}
	g := groupV2{manager: made, path: filepath.Join(unified, path)}
	_ = os.WriteFile(filepath.Join(g.path, "memory.swap.max"), []byte("0"), 0) // not there without swap
	return g, nil
}

// resourcesV2 returns the limits as version 2 has them.
func (l limits) resourcesV2() *cgroup2.Resources {
	resources := &cgroup2.Resources{}
	if l.memoryBytes > 0 {
		resources.Memory = &cgroup2.Memory{Max: &l.memoryBytes}
	}
	if l.processes > 0 {
		resources.Pids = &cgroup2.Pids{Max: l.processes}
	}
	if l.milliCPU > 0 {
		weight := l.weight()
		resources.CPU = &cgroup2.CPU{Weight: &weight}
		if l.throttled {
			resources.CPU.Max = l.cpuMax()
		}
	}
	return resources
}

func openGroupV2(path string) (group, error) {
	found, err := cgroup2.Load("/" + path)
	return groupV2{manager: found, path: filepath.Join(unified, path)}, err
}

func (g groupV2) start(fork func(*syscall.SysProcAttr) (int, error), attr *syscall.SysProcAttr) (int, error) {
	dir, err := os.Open(g.path)
	if err != nil {
		return 0, err
	}
	defer func() { _ = dir.Close() }()
	attr.UseCgroupFD = true
	attr.CgroupFD = int(dir.Fd())
	return fork(attr)
}

func (g groupV2) leave() {} // this process never was inside

func (g groupV2) kill() error { return g.manager.Kill() }

func (g groupV2) used() (peakBytes int64, oom bool) {
	metrics, err := g.manager.Stat()
	if err != nil {
		return 0, false
	}
	return int64(metrics.GetMemory().GetMaxUsage()), metrics.GetMemoryEvents().GetOomKill() > 0
}

// events is told when the counts of the group change.
func (g groupV2) events() (*os.File, error) {
	fd, err := unix.InotifyInit1(unix.IN_CLOEXEC | unix.IN_NONBLOCK)
	if err != nil {
		return nil, err
	}
	if _, err := unix.InotifyAddWatch(fd, filepath.Join(g.path, "memory.events"), unix.IN_MODIFY); err != nil {
		_ = unix.Close(fd)
		return nil, err
	}
	return pollable(fd, "memory.events")
}

// weight returns the weight of a group; the kernel takes 1 to 10,000.
func (l limits) weight() uint64 { return uint64(min(max(l.milliCPU/10, 1), 10_000)) }

func (g groupV2) weigh(l limits, low bool) error {
	weight := uint64(1)
	if !low {
		weight = l.weight()
	}
	return g.manager.Update(&cgroup2.Resources{CPU: &cgroup2.CPU{Weight: &weight}})
}

func (g groupV2) throttle(l limits) error {
	if l.milliCPU == 0 {
		return nil
	}
	return g.manager.Update(&cgroup2.Resources{CPU: &cgroup2.CPU{Max: l.cpuMax()}})
}

// cpuMax returns the limit of CPU as version 2 has it.
func (l limits) cpuMax() cgroup2.CPUMax {
	quota := l.cpuQuota()
	period := uint64(cpuPeriodMicros)
	return cgroup2.NewCPUMax(&quota, &period)
}

func (g groupV2) remove() error { return g.manager.Delete() }
