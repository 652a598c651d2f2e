package runtime

import (
	"errors"
	"os"
	"path"
	"path/filepath"
	stdruntime "runtime"
	"strconv"
	"strings"

	"github.com/containerd/cgroups/v3"
	"github.com/containerd/cgroups/v3/cgroup1"
	"github.com/opencontainers/runtime-spec/specs-go"
)

// cpuHierarchy is where version 1 has the groups that share CPU.
const cpuHierarchy = "/sys/fs/cgroup/cpu"

// weighParents gives the groups above workers the weight of the CPU that the node offers, but no more than the machine
// has: a node that offers more would starve its own agent, which then loses its lease. Version 1 of control groups
// weighs a group against single threads beside it: with the weight that it gives by itself, all workers together would
// get no more of a busy machine than one thread that is no worker. Version 2 has no threads beside groups.
func weighParents(group string, milliCPU int64) error {
	if cgroups.Mode() == cgroups.Unified || milliCPU <= 0 {
		return nil
	}
	milliCPU = min(milliCPU, MachineMilliCPU())
	if err := setShares(group, limits{milliCPU: milliCPU}.shares()); err != nil {
		return err
	}
	var above error
	for parent := path.Dir(group); parent != "." && parent != "/"; parent = path.Dir(parent) {
		above = errors.Join(above, setShares(parent, sharesBelow(parent, milliCPU)))
	}
	return above
}

// setShares weighs a group that may not be there yet.
func setShares(group string, shares uint64) error {
	cpu := &specs.LinuxResources{CPU: &specs.LinuxCPU{Shares: &shares}}
	made, err := cgroup1.New(cgroup1.StaticPath("/"+group), cpu, cgroup1.WithHierarchy(needed))
	if err != nil {
		return err
	}
	return made.Update(cpu)
}

// MachineMilliCPU returns the thousandths of a CPU that the machine has.
func MachineMilliCPU() int64 { return int64(stdruntime.NumCPU()) * 1000 }

// sharesBelow returns what the agents of a machine offer together, whose groups are below one: no more than the machine
// has, as groups of agents stay that are gone.
func sharesBelow(parent string, milliCPU int64) uint64 {
	own := limits{milliCPU: milliCPU}.shares()
	machine := limits{milliCPU: MachineMilliCPU()}.shares()
	files, _ := filepath.Glob(filepath.Join(cpuHierarchy, parent, "*", "cpu.shares"))
	sum := uint64(0)
	for _, file := range files {
		content, _ := os.ReadFile(file)
		shares, _ := strconv.ParseUint(strings.TrimSpace(string(content)), 10, 64)
		sum += shares
	}
	return max(own, min(sum, machine))
}
