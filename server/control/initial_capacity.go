package control

import (
	"fmt"
	"strings"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/resource"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
)

const (
	maxWorkerCount = 1_000_000
	ladderSizes    = "1 vCPU with 2 to 8 GB, 2 with 4 to 16 and 4 with 8 to 30 in steps of 1 GB, 8 with 16 to 60 in steps of 4 GB, " +
		"16 with 32 to 120 in steps of 8 GB"
)

// poolType is a type of worker that an application of an engine may hold ready.
type poolType struct {
	engine state.Engine
	name   string // upper case, without dashes and underscores
	is     state.WorkerType
}

// poolTypes holds the names that users write: those of the API, and those of its samples.
var poolTypes = []poolType{
	{state.EngineSpark, "DRIVER", state.TypeDriver},
	{state.EngineSpark, "EXECUTOR", state.TypeExecutor},
	{state.EngineHive, "DRIVER", state.TypeHiveDriver},
	{state.EngineHive, "HIVEDRIVER", state.TypeHiveDriver},
	{state.EngineHive, "TEZTASK", state.TypeTezTask},
	{state.EngineHive, "EXECUTOR", state.TypeTezTask},
	{state.EngineProcess, "DRIVER", state.TypeDriver},
	{state.EngineProcess, "TASK", state.TypeTask},
}

// poolTypeNames says for people which types an engine has.
var poolTypeNames = map[state.Engine]string{
	state.EngineSpark: "DRIVER and EXECUTOR", state.EngineHive: "DRIVER and TEZ_TASK", state.EngineProcess: "DRIVER and TASK",
}

func poolTypeOf(engine state.Engine, name string) (state.WorkerType, error) {
	plain := strings.NewReplacer("_", "", "-", "").Replace(word(name))
	for _, t := range poolTypes {
		if t.engine == engine && t.name == plain {
			return t.is, nil
		}
	}
	return 0, fmt.Errorf("an application of engine %s has workers of the types %s, not %.60q", engine, poolTypeNames[engine], name)
}

// setInitial takes what is held ready while the application is started.
func setInitial(spec *state.Application, r *controlv1.UpdateApplicationRequest) error {
	if r.GetInitialCapacity() == nil {
		return nil
	}
	spec.Initial = nil
	for i, entry := range r.GetInitialCapacity().GetEntries() {
		initial, err := initialOf(spec, fmt.Sprintf("initial_capacity[%d]", i), entry)
		if err != nil {
			return err
		}
		spec.Initial = append(spec.Initial, initial)
	}
	return nil
}

func initialOf(spec *state.Application, field string, entry *controlv1.InitialCapacity) (state.InitialCapacity, error) {
	t, err := poolTypeOf(spec.Engine, entry.GetWorkerType())
	switch {
	case err != nil:
		return state.InitialCapacity{}, errs.Field(field+".worker_type", "%w", err)
	case spec.InitialOf(t).Count > 0:
		return state.InitialCapacity{}, errs.Field(field+".worker_type", "%s stands twice; there is at most one entry per type", t)
	case entry.GetWorkerCount() < 1 || entry.GetWorkerCount() > maxWorkerCount:
		return state.InitialCapacity{}, errs.Field(field+".worker_count", "%d is not between 1 and %d", entry.GetWorkerCount(), maxWorkerCount)
	}
	disk, err := diskTypeOf(entry.GetDiskType())
	if err != nil {
		return state.InitialCapacity{}, errs.Field(field+".disk_type", "%w", err)
	}
	size, err := ladderSize(vectorOf(entry.GetWorkerSize()), disk)
	if err != nil {
		return state.InitialCapacity{}, errs.Field(field+".worker_size", "%w", err)
	}
	initial := state.InitialCapacity{Type: t, Count: uint32(entry.GetWorkerCount()), Size: size}
	if entry.GetWorkerType() != t.String() {
		initial.Wrote = entry.GetWorkerType()
	}
	return initial, nil
}

func diskTypeOf(name string) (resource.DiskType, error) {
	switch word(name) {
	case "", "STANDARD":
		return resource.DiskStandard, nil
	case "SHUFFLE_OPTIMIZED":
		return resource.DiskShuffleOptimized, nil
	}
	return 0, fmt.Errorf("%.60q is neither STANDARD nor SHUFFLE_OPTIMIZED", name)
}

// diskTypeName writes the class of a disk as the API does.
func diskTypeName(d resource.DiskType) string { return strings.ToUpper(d.String()) }

// ladderSize holds that a size is one of the ladder, not one that would have to be rounded: a slot that is not what was asked for
// would surprise. Without disk it has the least.
func ladderSize(v resource.Vector, disk resource.DiskType) (resource.Size, error) {
	if v.DiskMiB == 0 {
		v.DiskMiB = resource.MinDiskMiB
	}
	size, err := resource.OnLadder(v.MilliCPU/1000, v.MemoryMiB, v.DiskMiB, disk)
	switch {
	case v.MilliCPU%1000 != 0 || v.MilliCPU <= 0 || v.MemoryMiB <= 0:
		return size, fmt.Errorf("%s vCPU and %s is no size of a worker: there are %s", resource.FormatCPU(v.MilliCPU),
			resource.FormatMiB(v.MemoryMiB), ladderSizes)
	case err != nil:
		return size, fmt.Errorf("%w: there are %s", err, ladderSizes)
	case size.MemoryMiB != v.MemoryMiB:
		return size, fmt.Errorf("%s vCPU with %s is no size of a worker, the next one has %s: there are %s", resource.FormatCPU(v.MilliCPU),
			resource.FormatMiB(v.MemoryMiB), resource.FormatMiB(size.MemoryMiB), ladderSizes)
	}
	return size, nil
}

// initialCapacity shows what is held ready.
func initialCapacity(initial []state.InitialCapacity) (entries []*controlv1.InitialCapacity) {
	for _, i := range initial {
		entries = append(entries, &controlv1.InitialCapacity{WorkerType: i.Type.String(), WorkerCount: int64(i.Count), WorkerSize: vector(i.Size.Vector),
			DiskType: diskTypeName(i.Size.Disk), WrittenType: i.Wrote})
	}
	return entries
}

// pools shows the pre-initialised slots of an application, by type: also those that it still holds while it stops.
func pools(view *state.View, a *state.Application) (all []*controlv1.Pool) {
	for _, i := range a.Initial {
		pool := &controlv1.Pool{WorkerType: i.Type.String(), Wanted: int64(i.Count)}
		for slot := range view.PoolOfApplication(a.ID) {
			if slot.Type == i.Type {
				countSlot(pool, slot)
			}
		}
		all = append(all, pool)
	}
	return all
}

func countSlot(pool *controlv1.Pool, slot *state.Slot) {
	pool.Held++
	if slot.Ready {
		pool.Ready++
	}
	if slot.Worker != "" {
		pool.InUse++
	}
}
