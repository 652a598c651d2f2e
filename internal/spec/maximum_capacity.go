package spec

import (
	"github.com/headrace/headrace/internal/resource"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
)

// maxCapacity bounds what can be said at all: about a million times a large machine.
var maxCapacity = resource.Vector{MilliCPU: 1 << 40, MemoryMiB: 1 << 40, DiskMiB: 1 << 50}

// checkMaximumCapacity holds that no part is beyond numbers that can be added.
func checkMaximumCapacity(a *specv1.Application) error {
	const at = root + ".maximum_capacity"
	m := a.GetMaximumCapacity()
	v := resource.Vector{MilliCPU: m.GetMilliCpu(), MemoryMiB: m.GetMemoryMib(), DiskMiB: m.GetDiskMib()}
	switch {
	case v.MilliCPU < 0 || v.MemoryMiB < 0 || v.DiskMiB < 0:
		return wrong(at, "%s: no part can be negative; leave a part out for no limit", v)
	case !v.FitsIn(maxCapacity):
		return wrong(at, "%s is more than %s; leave a part out for no limit", v, maxCapacity)
	}
	return nil
}
