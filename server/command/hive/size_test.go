package hive

import (
	"testing"

	"github.com/headrace/headrace/internal/resource"
)

func TestResolve_RoundsMemoryUpTheLadder(t *testing.T) {
	for _, c := range []struct {
		property, value string
		wantDriver      int64
		wantTask        int64
	}{
		{driverMemory, "6G", 6, 6},
		{driverMemory, "512m", 4, 6},
		{driverMemory, "4097MB", 5, 6},
		{driverMemory, "16GIB", 16, 6},
		{taskMemory, "4097", 6, 5},
		{taskMemory, "256", 6, 4},
		{taskMemory, "16384", 6, 16},
		{driverCores, "8", 16, 6},
		{taskCores, "4", 6, 8},
	} {
		s := resolve(t, withSite(map[string]string{c.property: c.value}))
		if s.Driver.MemoryMiB != c.wantDriver<<10 || s.Task.MemoryMiB != c.wantTask<<10 ||
			s.DriverHeapMiB != s.Driver.MemoryMiB*4/10 {
			t.Errorf("%s=%s: driver %s, task %s, heap %d", c.property, c.value, s.Driver, s.Task, s.DriverHeapMiB)
		}
	}
}

func TestResolve_TakesDisksOfBothTypes(t *testing.T) {
	s := resolve(t, withSite(map[string]string{
		"hive.driver.disk":   "200G",
		"hive.tez.disk.size": "2T",
		"hive.tez.disk.type": "SHUFFLE_OPTIMIZED",
	}))
	if s.Driver != size(2, 6, 200, resource.DiskStandard) || s.Task != size(2, 6, 2048, resource.DiskShuffleOptimized) {
		t.Errorf("driver %s %s, task %s %s", s.Driver, s.Driver.Disk, s.Task, s.Task.Disk)
	}
}

func TestResolve_ComputesBuffersFromTheMemoryOfATask(t *testing.T) {
	for container, want := range map[string][3]string{
		"6144":  {"2147483648", "2047", "614"},
		"4096":  {"1431655765", "1638", "409"},
		"256":   {"89478485", "102", "25"},
		"16384": {"5726623061", "2047", "1638"},
	} {
		s := resolve(t, withSite(map[string]string{taskMemory: container}))
		if got := [3]string{s.Site[mapJoinSize], s.Site[sortBuffer], s.Site[unorderedBuffer]}; got != want {
			t.Errorf("%s MB: %v, want %v", container, got, want)
		}
	}
	s := resolve(t, withSite(map[string]string{mapJoinSize: "1", sortBuffer: "2", unorderedBuffer: ""}))
	if s.Site[mapJoinSize] != "1" || s.Site[sortBuffer] != "2" || s.Site[unorderedBuffer] != "" {
		t.Errorf("what was set is %s, %s, %q", s.Site[mapJoinSize], s.Site[sortBuffer], s.Site[unorderedBuffer])
	}
}
