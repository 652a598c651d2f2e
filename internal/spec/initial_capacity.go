package spec

import (
	"fmt"
	"maps"
	"slices"

	"github.com/headrace/headrace/internal/resource"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
)

const ladderSizes = "1 vCPU with 2 to 8 GB, 2 with 4 to 16 and 4 with 8 to 30 in steps of 1 GB, " +
	"8 with 16 to 60 in steps of 4 GB, 16 with 32 to 120 in steps of 8 GB"

// checkInitialCapacity holds that what is to be held ready is of the engine's types and of sizes of the ladder.
func checkInitialCapacity(a *specv1.Application) error {
	const at = root + ".initial_capacity"
	types := slices.Sorted(maps.Keys(a.GetInitialCapacity()))
	if err := checkWorkerTypes(at, a.GetEngine(), types); err != nil {
		return err
	}
	for _, key := range types {
		if err := checkLadder(a.GetInitialCapacity()[key].GetWorkerSize()); err != nil {
			return wrong(at+keyed(key)+".worker_size", "%w", err)
		}
	}
	return nil
}

// checkLadder holds that a size is one of the ladder, not one that would have to be rounded: a slot that is not what
// was asked for would surprise.
func checkLadder(s *specv1.WorkerSize) error {
	milli := s.GetMilliCpu()
	memory := s.GetMemoryMib()
	disk := s.GetDiskMib()
	if !s.HasDiskMib() {
		disk = DefaultDiskMiB
	}
	size, err := resource.OnLadder(milli/1000, memory, disk, diskOf(s.GetDiskType()))
	switch {
	case milli%1000 != 0 || milli <= 0 || memory <= 0:
		return fmt.Errorf(
			"%s vCPU and %s is no size of a worker: there are %s",
			resource.FormatCPU(milli),
			resource.FormatMiB(memory),
			ladderSizes,
		)
	case err != nil:
		return fmt.Errorf("%w: there are %s", err, ladderSizes)
	case size.MemoryMiB != memory:
		return fmt.Errorf(
			"%s vCPU with %s is no size of a worker, the next one has %s: there are %s",
			resource.FormatCPU(milli),
			resource.FormatMiB(memory),
			resource.FormatMiB(size.MemoryMiB),
			ladderSizes,
		)
	}
	return nil
}

func diskOf(t specv1.DiskType) resource.DiskType {
	if t == specv1.DiskType_DISK_TYPE_SHUFFLE_OPTIMIZED {
		return resource.DiskShuffleOptimized
	}
	return resource.DiskStandard
}
