package resource

// DiskType is the class of a worker's disk. The numbers are those of the event log.
type DiskType int32

// The classes of disk.
const (
	DiskStandard         DiskType = 1
	DiskShuffleOptimized DiskType = 2
)

// String returns the class as people write it.
func (d DiskType) String() string {
	if d == DiskShuffleOptimized {
		return "shuffle_optimized"
	}
	return "standard"
}

// Size is what one worker holds on its node.
type Size struct {
	Vector
	Disk DiskType
}

// Serves says whether a worker that needs so much can be in a slot of this size; what it does not need of it is wasted.
func (s Size) Serves(need Size) bool {
	return need.FitsIn(s.Vector) && (need.Disk != DiskShuffleOptimized || s.Disk == DiskShuffleOptimized)
}
