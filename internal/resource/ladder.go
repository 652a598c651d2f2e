package resource

import "fmt"

// rung is a row of the ladder: the memory that a worker with so many vCPU may have.
type rung struct {
	cpu, minGiB, maxGiB, stepGiB int64
}

// ladder holds the sizes of Spark and Hive workers (specification of applications, section 4).
var ladder = []rung{{1, 2, 8, 1}, {2, 4, 16, 1}, {4, 8, 30, 1}, {8, 16, 60, 4}, {16, 32, 120, 8}}

// The limits of disk per worker, in MiB.
const (
	MinDiskMiB        = 20 << 10
	MaxStandardMiB    = 200 << 10
	MaxShuffleDiskMiB = 2 << 20
)

// OnLadder returns the smallest size of the ladder with cores vCPU that holds memoryMiB, with a disk of diskMiB.
// Its error says which value is out of which range.
func OnLadder(cores, memoryMiB, diskMiB int64, disk DiskType) (Size, error) {
	row, err := rowOf(cores)
	if err != nil {
		return Size{}, err
	}
	memory, err := row.memory(memoryMiB)
	if err != nil {
		return Size{}, err
	}
	if err := checkDisk(diskMiB, disk); err != nil {
		return Size{}, err
	}
	return Size{Vector{MilliCPU: cores * 1000, MemoryMiB: memory, DiskMiB: diskMiB}, disk}, nil
}

func rowOf(cores int64) (rung, error) {
	for _, row := range ladder {
		if row.cpu == cores {
			return row, nil
		}
	}
	return rung{}, fmt.Errorf("a worker has 1, 2, 4, 8 or 16 vCPU, not %d", cores)
}

// memory rounds need up to what the row has next, never below its least.
func (row rung) memory(needMiB int64) (int64, error) {
	if needMiB > row.maxGiB<<10 {
		return 0, fmt.Errorf(
			"a worker of %d vCPU has at most %d GB of memory, and this needs %s",
			row.cpu,
			row.maxGiB,
			FormatMiB(needMiB),
		)
	}
	over := max(needMiB-row.minGiB<<10, 0)
	steps := (over + row.stepGiB<<10 - 1) / (row.stepGiB << 10)
	return min((row.minGiB+steps*row.stepGiB)<<10, row.maxGiB<<10), nil
}

func checkDisk(diskMiB int64, disk DiskType) error {
	maximum := int64(MaxStandardMiB)
	if disk == DiskShuffleOptimized {
		maximum = MaxShuffleDiskMiB
	}
	if diskMiB < MinDiskMiB || diskMiB > maximum {
		return fmt.Errorf(
			"a worker has %s to %s of %s disk, not %s",
			FormatMiB(MinDiskMiB),
			FormatMiB(maximum),
			disk,
			FormatMiB(diskMiB),
		)
	}
	return nil
}
