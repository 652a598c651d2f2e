package spark

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/resource"
)

const (
	minOverheadMiB = 384      // the least that a worker has beside its heap
	leastDiskMiB   = 20 << 10 // a disk that every worker can have
)

// shuffleOptimized is a type of disk; the other is standard.
const shuffleOptimized = "shuffle_optimized"

// role is "driver" or "executor", as in the names of properties.
type role string

func (r role) key(name string) string { return "spark." + string(r) + "." + name }

func (r role) serviceKey(name string) string { return servicePrefix + string(r) + "." + name }

func sizeDriver(s *Settings, l levels) (err error) {
	s.Driver, s.DriverHeapMiB, err = l.size("driver")
	return err
}

func sizeExecutor(s *Settings, l levels) (err error) {
	s.Executor, s.ExecutorHeapMiB, err = l.size("executor")
	s.ExecutorCores = uint32(s.Executor.MilliCPU / 1000)
	return err
}

// size finds the smallest size of the ladder for a role's cores, memory with overhead, and disk.
func (l levels) size(r role) (size resource.Size, heapMiB int64, err error) {
	cores, err := l.Count(r.key("cores"), 1)
	if err != nil {
		return size, 0, err
	}
	heapMiB, err = l.memory(r.key("memory"))
	if err != nil {
		return size, 0, err
	}
	beside, err := l.besideHeap(r, heapMiB)
	if err != nil {
		return size, 0, err
	}
	disk, diskType, err := l.disk(r)
	if err != nil {
		return size, 0, err
	}
	size, err = resource.OnLadder(int64(cores), heapMiB+beside, disk, diskType)
	if err != nil {
		field := l.blamed(r, int64(cores), heapMiB+beside)
		return size, 0, l.offLadder(r, field, beside, err)
	}
	return size, heapMiB, nil
}

// blamed returns the field that makes a size that no worker has: the one of the disk, if cores and memory are possible.
func (l levels) blamed(r role, cores, memoryMiB int64) string {
	if _, err := resource.OnLadder(cores, memoryMiB, leastDiskMiB, resource.DiskStandard); err == nil {
		return l.LastField(r.diskKeys()...)
	}
	return l.LastField(r.memoryKeys()...)
}

// diskKeys are the properties that a worker's disk comes from.
func (r role) diskKeys() []string { return []string{r.serviceKey("disk.type"), r.serviceKey("disk")} }

// memoryKeys are the properties that a worker's cores and memory come from, the best known last.
func (r role) memoryKeys() []string {
	keys := []string{
		sharedFactor, r.key("memoryOverheadFactor"), r.key("memoryOverhead"), r.key("cores"), r.key("memory"),
	}
	if r == "driver" {
		return keys
	}
	return append([]string{offHeapEnabled, offHeapSize, pysparkMemory}, keys...)
}

// offLadder says which properties make a size that no worker has.
func (l levels) offLadder(r role, field string, besideMiB int64, err error) error {
	beside := ""
	if besideMiB > 0 {
		beside = fmt.Sprintf(" with %d MB of overhead", besideMiB)
	}
	return errs.Field(field, "%s=%s, %s=%s%s, %s=%s: %w",
		r.key("cores"), l.Text(r.key("cores")), r.key("memory"), l.Text(r.key("memory")), beside,
		r.serviceKey("disk"), l.Text(r.serviceKey("disk")), err)
}

// besideHeap returns what the worker needs beside its heap: the overhead, and the memory that Spark is told to use
// outside of the heap.
func (l levels) besideHeap(r role, heapMiB int64) (int64, error) {
	sum, err := l.overhead(r, heapMiB)
	if err != nil || r == "driver" {
		return sum, err
	}
	offHeap, err := l.flag(offHeapEnabled)
	if err != nil {
		return 0, err
	}
	more := []string{pysparkMemory}
	if offHeap {
		more = append(more, offHeapSize)
	}
	for _, key := range more {
		if !l.Has(key) {
			continue
		}
		mib, err := l.outside(key)
		if err != nil {
			return 0, err
		}
		sum += mib
	}
	return sum, nil
}

// outside reads an amount of memory outside of the heap. Unlike all other amounts, spark.memory.offHeap.size without a
// unit is in bytes.
func (l levels) outside(key string) (int64, error) {
	if bytes, err := strconv.ParseInt(l.Text(key), 10, 64); err == nil && key == offHeapSize && bytes >= 0 {
		return min((bytes-1)>>20+1, maxMemoryMiB), nil // rounded up, and no sum that overflows
	}
	return l.memory(key)
}

// overhead returns the overhead that was set or, if none was, a factor of the heap, but at least 384 MiB.
func (l levels) overhead(r role, heapMiB int64) (int64, error) {
	if l.Has(r.key("memoryOverhead")) {
		return l.memory(r.key("memoryOverhead"))
	}
	key := sharedFactor
	if l.Has(r.key("memoryOverheadFactor")) {
		key = r.key("memoryOverheadFactor")
	}
	factor, err := strconv.ParseFloat(l.Text(key), 64)
	if err != nil || !(factor >= 0 && factor <= 100) {
		return 0, l.Invalid(key, "write a number from 0 to 100, such as 0.1")
	}
	return max(int64(factor*float64(heapMiB)), minOverheadMiB), nil
}

func (l levels) disk(r role) (mib int64, disk resource.DiskType, err error) {
	key := r.serviceKey("disk")
	if mib, err = resource.ParseMiB(l.Text(key)); err != nil {
		return 0, 0, l.Invalid(key, "write an amount of disk such as 20G")
	}
	switch key := r.serviceKey("disk.type"); strings.ToLower(l.Text(key)) {
	case "standard":
		return mib, resource.DiskStandard, nil
	case shuffleOptimized:
		return mib, resource.DiskShuffleOptimized, nil
	default:
		return 0, 0, l.Invalid(key, "write standard or %s", shuffleOptimized)
	}
}
