package manifest

import (
	"slices"
	"strings"

	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
)

// Capacity is the most that the workers of an application hold together. A part that is absent has no limit.
type Capacity struct {
	CPU    CPU  `yaml:"cpu,omitempty"`
	Memory Size `yaml:"memory,omitempty"`
	Disk   Size `yaml:"disk,omitempty"`
}

// resources returns it as the API has it; nil stays nil.
func (c *Capacity) resources() *controlv1.Resources {
	if c == nil {
		return nil
	}
	return &controlv1.Resources{MilliCpu: int64(c.CPU), MemoryMib: int64(c.Memory), DiskMib: int64(c.Disk)}
}

func capacityOf(r *controlv1.Resources) *Capacity {
	c := Capacity{CPU: CPU(r.GetMilliCpu()), Memory: Size(r.GetMemoryMib()), Disk: Size(r.GetDiskMib())}
	if c == (Capacity{}) {
		return nil
	}
	return &c
}

// WorkerSize is what one pre-initialised worker holds.
type WorkerSize struct {
	CPU      CPU    `yaml:"cpu,omitempty"`
	Memory   Size   `yaml:"memory,omitempty"`
	Disk     Size   `yaml:"disk,omitempty"`
	DiskType string `yaml:"diskType,omitempty"`
}

// InitialCapacity is how many workers of one type are held ready.
type InitialCapacity struct {
	WorkerCount         int64       `yaml:"workerCount,omitempty"`
	WorkerConfiguration *WorkerSize `yaml:"workerConfiguration,omitempty"`
}

// The defaults of a worker's disk.
const (
	defaultDisk     = Size(20 << 10)
	defaultDiskType = "STANDARD"
)

// initialCapacity returns the entries as the API has them, by type.
func initialCapacity(all map[string]InitialCapacity) []*controlv1.InitialCapacity {
	var entries []*controlv1.InitialCapacity
	for _, name := range sortedKeys(all) {
		entry := &controlv1.InitialCapacity{WorkerType: workerType(name), WorkerCount: all[name].WorkerCount}
		if size := all[name].WorkerConfiguration; size != nil {
			entry.WorkerSize = &controlv1.Resources{MilliCpu: int64(size.CPU), MemoryMib: int64(size.Memory), DiskMib: int64(size.Disk)}
			entry.DiskType = strings.ToUpper(size.DiskType)
		}
		entries = append(entries, entry)
	}
	slices.SortFunc(entries, func(a, b *controlv1.InitialCapacity) int {
		return strings.Compare(a.GetWorkerType(), b.GetWorkerType())
	})
	return entries
}

func initialCapacityOf(entries []*controlv1.InitialCapacity) map[string]InitialCapacity {
	all := map[string]InitialCapacity{}
	for _, e := range entries {
		size := &WorkerSize{CPU: CPU(e.GetWorkerSize().GetMilliCpu()), Memory: Size(e.GetWorkerSize().GetMemoryMib()),
			Disk: Size(e.GetWorkerSize().GetDiskMib()), DiskType: e.GetDiskType()}
		all[e.GetWorkerType()] = InitialCapacity{WorkerCount: e.GetWorkerCount(), WorkerConfiguration: size}
	}
	return all
}

// workerType returns a type's one name: the API's pages write Driver, DRIVER, TezTask and TEZ_TASK.
func workerType(name string) string {
	switch upper := strings.ReplaceAll(strings.ToUpper(name), "-", "_"); upper {
	case "TEZTASK":
		return "TEZ_TASK"
	case "HIVEDRIVER", "HIVE_DRIVER":
		return "DRIVER"
	default:
		return upper
	}
}

// withDefaults returns the entries as a cluster would return them.
func withDefaults(all map[string]InitialCapacity, engine string) map[string]InitialCapacity {
	full := map[string]InitialCapacity{}
	for name, entry := range all {
		size := WorkerSize{}
		if entry.WorkerConfiguration != nil {
			size = *entry.WorkerConfiguration
		}
		if size.Disk == 0 {
			size.Disk = defaultDisk
		}
		size.DiskType = strings.ToUpper(size.DiskType)
		if size.DiskType == "" {
			size.DiskType = defaultDiskType
		}
		name = workerType(name)
		if engine == "HIVE" && name == "EXECUTOR" {
			name = "TEZ_TASK"
		}
		full[name] = InitialCapacity{WorkerCount: entry.WorkerCount, WorkerConfiguration: &size}
	}
	return full
}
