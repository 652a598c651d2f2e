package runtime

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/containerd/cgroups/v3"
)

// All workers together weigh as much as the node offers, on each level of groups above them.
func TestA18_TheGroupsAboveWorkersWeighWhatTheNodeOffers(t *testing.T) {
	if cgroups.Mode() == cgroups.Unified {
		t.Skip("version 2 of control groups has no threads beside groups")
	}
	top := fmt.Sprintf("headrace-weight-%d", os.Getpid())
	agents := []string{filepath.Join(top, "one"), filepath.Join(top, "two")}
	for _, agent := range agents {
		if err := weighParents(agent, 500); err != nil {
			t.Skipf("control groups cannot be made on this machine: %v", err)
		}
	}
	defer func() {
		for _, group := range append(agents, top) {
			if g, err := openGroup(group); err != nil || g.remove() != nil {
				t.Errorf("%s stays: %v", group, err)
			}
		}
	}()
	wantShares(t, map[string]uint64{agents[0]: 512, agents[1]: 512, top: 1024})

	if err := weighParents(agents[0], 1000*MachineMilliCPU()); err != nil {
		t.Fatal(err)
	}
	machine := limits{milliCPU: MachineMilliCPU()}.shares() // more would starve the agent
	wantShares(t, map[string]uint64{agents[0]: machine, top: machine})
}

// wantShares holds that groups have these weights.
func wantShares(t *testing.T, all map[string]uint64) {
	t.Helper()
	for group, want := range all {
		content, err := os.ReadFile(filepath.Join(cpuHierarchy, group, "cpu.shares"))
		if got := strings.TrimSpace(string(content)); err != nil || got != strconv.FormatUint(want, 10) {
			t.Errorf("%s weighs %s, not %d (%v)", group, got, want, err)
		}
	}
}

// What makes a sandbox takes more CPU than a small worker has in a period, in which it would wait for the next one.
func TestGroup_HasItsLimitOfCPUOnceTheSandboxIsMade(t *testing.T) {
	of := limits{milliCPU: 100}
	if (&shim{spec: Spec{Crun: "/usr/bin/crun"}}).limits().throttled || !(&shim{}).limits().throttled {
		t.Error("only a worker without a sandbox has its limit from the beginning")
	}
	path := fmt.Sprintf("headrace-test-%d", os.Getpid())
	made, err := makeGroup(path, of)
	if err != nil {
		t.Skipf("control groups cannot be made on this machine: %v", err)
	}
	defer func() {
		if err := made.remove(); err != nil {
			t.Error(err)
		}
	}()
	file, open := filepath.Join("/sys/fs/cgroup/cpu", path, "cpu.cfs_quota_us"), "-1"
	if cgroups.Mode() == cgroups.Unified {
		file, open = filepath.Join("/sys/fs/cgroup", path, "cpu.max"), "max"
	}
	quota := func() string {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		return strings.Fields(string(content))[0]
	}
	if got := quota(); got != open {
		t.Errorf("before, its quota is %s", got)
	}
	if err := made.throttle(of); err != nil {
		t.Fatal(err)
	}
	if got := quota(); got != "10000" {
		t.Errorf("its quota is %s", got)
	}
}
