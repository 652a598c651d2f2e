package hive

import (
	"strings"

	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/releases"
	"github.com/headrace/headrace/internal/resource"
)

// leastContainerMiB is the least memory of a Tez task: with less, its Java does not start. It also finds users who
// write GB where the property is in MiB.
const leastContainerMiB = 256

// worker has the names of the properties that size a worker.
type worker struct{ cores, memory, disk, diskType string }

var (
	driver = worker{driverCores, driverMemory, "hive.driver.disk", "hive.driver.disk.type"}
	task   = worker{taskCores, taskMemory, "hive.tez.disk.size", "hive.tez.disk.type"}
)

func sizeDriver(s *Settings, l levels) error {
	memory, err := l.amount(driverMemory)
	if err != nil {
		return err
	}
	s.Driver, err = l.size(driver, memory)
	s.DriverHeapMiB = s.Driver.MemoryMiB * 4 / 10
	return err
}

func sizeTask(s *Settings, l levels) error {
	memory, err := l.Count(taskMemory, leastContainerMiB)
	if err != nil {
		return err
	}
	s.Task, err = l.size(task, int64(memory))
	l.addBuffers(int64(memory))
	return err
}

// size finds the smallest size of the ladder that has a worker's cores, memory and disk.
func (l levels) size(w worker, memoryMiB int64) (resource.Size, error) {
	cores, err := l.Count(w.cores, 1)
	if err != nil {
		return resource.Size{}, err
	}
	disk, err := l.amount(w.disk)
	if err != nil {
		return resource.Size{}, err
	}
	diskType, err := l.diskType(w.diskType)
	if err != nil {
		return resource.Size{}, err
	}
	size, err := resource.OnLadder(int64(cores), memoryMiB, disk, diskType)
	if err != nil {
		return resource.Size{}, l.offLadder(w, err)
	}
	return size, nil
}

// offLadder says which properties make a size that no worker has.
func (l levels) offLadder(w worker, err error) error {
	field := l.LastField(w.disk, w.cores, w.memory)
	return errs.Field(field, "%s=%s, %s=%s, %s=%s: %w", w.cores, l.Text(w.cores), w.memory, l.Text(w.memory), w.disk,
		l.Text(w.disk), err)
}

// amount reads memory or disk such as 6G or 4GIB; a bare number is in GB.
func (l levels) amount(key string) (int64, error) {
	mib, err := resource.ParseMiB(l.Text(key))
	if err != nil {
		return 0, l.Invalid(key, "write an amount with a unit such as 6G or 512m")
	}
	return mib, nil
}

func (l levels) diskType(key string) (resource.DiskType, error) {
	switch strings.ToLower(l.Text(key)) {
	case "standard":
		return resource.DiskStandard, nil
	case "shuffle_optimized":
		return resource.DiskShuffleOptimized, nil
	}
	return 0, l.Invalid(key, "write standard or shuffle_optimized")
}

// checkDisks holds that a release has the disks that are asked for.
func (l levels) checkDisks(label string) error {
	for _, key := range []string{driver.diskType, task.diskType} {
		if releases.Before(label, releases.SinceShuffleDisk) && !strings.EqualFold(l.Text(key), "standard") {
			return l.Invalid(key, "release %s has standard disks only; emr-7.1.0 and later have shuffle_optimized ones",
				label)
		}
	}
	return nil
}
