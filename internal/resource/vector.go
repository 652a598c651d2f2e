package resource

import (
	"fmt"
	"strings"
)

// Vector is an amount of every resource that is packed.
type Vector struct {
	MilliCPU  int64 // thousandths of a vCPU
	MemoryMiB int64
	DiskMiB   int64
}

// Add returns v + w.
func (v Vector) Add(w Vector) Vector {
	return Vector{v.MilliCPU + w.MilliCPU, v.MemoryMiB + w.MemoryMiB, v.DiskMiB + w.DiskMiB}
}

// Sub returns v - w; a part may become negative.
func (v Vector) Sub(w Vector) Vector {
	return Vector{v.MilliCPU - w.MilliCPU, v.MemoryMiB - w.MemoryMiB, v.DiskMiB - w.DiskMiB}
}

// Times returns n * v.
func (v Vector) Times(n int64) Vector {
	return Vector{n * v.MilliCPU, n * v.MemoryMiB, n * v.DiskMiB}
}

// IsZero says whether nothing is held.
func (v Vector) IsZero() bool { return v == Vector{} }

// FitsIn is the one answer to "does it fit?": no part of v is larger than that part of free.
func (v Vector) FitsIn(free Vector) bool {
	return v.MilliCPU <= free.MilliCPU && v.MemoryMiB <= free.MemoryMiB && v.DiskMiB <= free.DiskMiB
}

// Count returns how many times v fits in free; a zero vector fits as often as limit.
func (v Vector) Count(free Vector, limit int64) int64 {
	n := limit
	for _, part := range [][2]int64{
		{v.MilliCPU, free.MilliCPU},
		{v.MemoryMiB, free.MemoryMiB},
		{v.DiskMiB, free.DiskMiB},
	} {
		if part[0] > 0 {
			n = min(n, part[1]/part[0])
		}
	}
	return max(n, 0)
}

// WithinLimit says whether v stays within limit, where a zero part of limit means "no limit".
func (v Vector) WithinLimit(limit Vector) bool { return v.Exceeds(limit) == "" }

// Exceeds names the first resource of which v is over limit, where a zero part of limit means "no limit"; empty if none
// is.
func (v Vector) Exceeds(limit Vector) string {
	switch {
	case limit.MilliCPU > 0 && v.MilliCPU > limit.MilliCPU:
		return "cpu"
	case limit.MemoryMiB > 0 && v.MemoryMiB > limit.MemoryMiB:
		return "memory"
	case limit.DiskMiB > 0 && v.DiskMiB > limit.DiskMiB:
		return "disk"
	}
	return ""
}

// Limits writes v as a limit: its parts that limit something, which a zero part does not.
func (v Vector) Limits() string {
	var parts []string
	if v.MilliCPU > 0 {
		parts = append(parts, FormatCPU(v.MilliCPU)+" vCPU")
	}
	if v.MemoryMiB > 0 {
		parts = append(parts, FormatMiB(v.MemoryMiB))
	}
	if v.DiskMiB > 0 {
		parts = append(parts, FormatMiB(v.DiskMiB)+" disk")
	}
	return strings.Join(parts, ", ")
}

// String writes v as people do: 4 vCPU, 16 GB, 20 GB disk.
func (v Vector) String() string {
	return fmt.Sprintf("%s vCPU, %s, %s disk", FormatCPU(v.MilliCPU), FormatMiB(v.MemoryMiB), FormatMiB(v.DiskMiB))
}
