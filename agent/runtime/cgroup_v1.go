package runtime

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"syscall"

	"github.com/containerd/cgroups/v3/cgroup1"
	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
)

// groupV1 is a group of the same path in each hierarchy that it needs, and in that of version 2, if there is one beside
// them, which tells whose a socket is.
type groupV1 struct {
	path    string
	cgroup  cgroup1.Cgroup
	sockets *socketGroup   // of one that was made here
	origin  cgroup1.Cgroup // where this process belongs
	inside  bool           // this process could not go back: freezing the group would freeze it
}

// held are the hierarchies that hold workers.
var held = []cgroup1.Name{cgroup1.Memory, cgroup1.Cpu, cgroup1.Freezer, cgroup1.Pids}

// needed returns those of them that this machine has.
func needed() ([]cgroup1.Subsystem, error) {
	all, err := cgroup1.Default()
	others := func(s cgroup1.Subsystem) bool { return !slices.Contains(held, s.Name()) }
	return slices.DeleteFunc(all, others), err
}

// swapFile is there if the kernel accounts for swap.
const swapFile = "/sys/fs/cgroup/memory/memory.memsw.limit_in_bytes"

func makeGroupV1(path string, l limits) (group, error) {
	origin, err := cgroup1.Load(cgroup1.PidPath(os.Getpid()), cgroup1.WithHierarchy(needed))
	if err != nil {
		return nil, err
	}
	made, err := cgroup1.New(cgroup1.StaticPath("/"+path), l.resourcesV1(), cgroup1.WithHierarchy(needed))
	if err != nil {
		return nil, err
	}
	return &groupV1{
		path:    path,
		cgroup:  made,
		sockets: openSocketGroup(path),
		origin:  origin,
	}, nil
}

// resourcesV1 returns the limits as version 1 has them.
func (l limits) resourcesV1() *specs.LinuxResources {
	resources := &specs.LinuxResources{CPU: &specs.LinuxCPU{}, Memory: &specs.LinuxMemory{}}
	if l.memoryBytes > 0 {
		resources.Memory.Limit = &l.memoryBytes
	}
	if l.memoryBytes > 0 && exists(swapFile) {
		resources.Memory.Swap = &l.memoryBytes // with the memory: there is none besides
	}
	if l.processes > 0 {
		resources.Pids = &specs.LinuxPids{Limit: &l.processes}
	}
	if l.milliCPU > 0 {
		shares := l.shares()
		resources.CPU.Shares = &shares
		if l.throttled {
			resources.CPU.Quota, resources.CPU.Period = l.cpuQuotaV1()
		}
	}
	return resources
}

func openGroupV1(path string) (group, error) {
	found, err := cgroup1.Load(cgroup1.StaticPath("/"+path), cgroup1.WithHierarchy(needed))
	if err != nil {
		return nil, err
	}
	return &groupV1{path: path, cgroup: found}, nil
}

// start moves the calling thread alone into the group and forks: the child is born there. The caller has locked its
// thread.
func (g *groupV1) start(fork func(*syscall.SysProcAttr) (int, error), attr *syscall.SysProcAttr) (int, error) {
	g.inside = true
	if err := g.cgroup.AddTask(cgroup1.Process{Pid: unix.Gettid()}); err != nil {
		return 0, err
	}
	if g.sockets != nil {
		attr.UseCgroupFD = true
		attr.CgroupFD = int(g.sockets.folder.Fd())
	}
	return fork(attr)
}

func (g *groupV1) leave() {
	g.inside = g.origin.AddTask(cgroup1.Process{Pid: unix.Gettid()}) != nil
}

// kill freezes the group first, so that it cannot fork faster than it dies. It does not wait until all is frozen: a
// process that waits for its disk would make that long, and the caller looks again anyway.
func (g *groupV1) kill() error {
	if !g.inside {
		_ = g.setFreezer("FROZEN")
		defer func() { _ = g.setFreezer("THAWED") }()
	}
	members, err := g.cgroup.Processes(cgroup1.Memory, true)
	pids := make([]int, 0, len(members))
	for _, member := range members {
		pids = append(pids, member.Pid)
	}
	killAll(others(pids))
	return err
}

// setFreezer asks for a state of the freezer.
func (g *groupV1) setFreezer(state string) error {
	for _, hierarchy := range g.cgroup.Subsystems() {
		if located, ok := hierarchy.(interface{ Path(string) string }); ok && hierarchy.Name() == cgroup1.Freezer {
			return os.WriteFile(filepath.Join(located.Path("/"+g.path), "freezer.state"), []byte(state), 0)
		}
	}
	return nil
}

func (g *groupV1) used() (peakBytes int64, oom bool) {
	metrics, err := g.cgroup.Stat(cgroup1.IgnoreNotExist)
	if err != nil {
		return 0, false
	}
	return int64(metrics.GetMemory().GetUsage().GetMax()), metrics.GetMemoryOomControl().GetOomKill() > 0
}

// events is told when a process is about to be killed, or the group is removed.
func (g *groupV1) events() (*os.File, error) {
	fd, err := g.cgroup.RegisterMemoryEvent(cgroup1.OOMEvent())
	if err != nil {
		return nil, err
	}
	return pollable(int(fd), "memory.oom_control")
}

// shares returns the weight of a group; the kernel takes no less than 2.
func (l limits) shares() uint64 { return uint64(max(l.milliCPU*1024/1000, 2)) }

func (g *groupV1) weigh(l limits, low bool) error {
	shares := uint64(2)
	if !low {
		shares = l.shares()
	}
	return g.cgroup.Update(&specs.LinuxResources{CPU: &specs.LinuxCPU{Shares: &shares}})
}

func (g *groupV1) throttle(l limits) error {
	if l.milliCPU == 0 {
		return nil
	}
	quota, period := l.cpuQuotaV1()
	return g.cgroup.Update(&specs.LinuxResources{CPU: &specs.LinuxCPU{Quota: quota, Period: period}})
}

// cpuQuotaV1 returns the limit of CPU as version 1 has it.
func (l limits) cpuQuotaV1() (quota *int64, period *uint64) {
	most := l.cpuQuota()
	over := uint64(cpuPeriodMicros)
	return &most, &over
}

func (g *groupV1) remove() error {
	sockets := g.sockets
	if sockets == nil {
		sockets = openSocketGroup(g.path)
		defer sockets.close()
	}
	return errors.Join(g.cgroup.Delete(), sockets.remove())
}
