package runtime

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/containerd/cgroups/v3"
)

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
