package command

import (
	"github.com/headrace/headrace/fsm/state"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
	"github.com/headrace/headrace/server/command/spark"
)

// anyRun stands for any run that is not known yet.
var anyRun = specv1.JobRun_builder{
	Driver: specv1.JobDriver_builder{
		SparkSubmit: specv1.SparkSubmit_builder{EntryPoint: new("file:///any.py")}.Build(),
	}.Build(),
}.Build()

// The overhead of a Spark worker's memory unless somebody says otherwise (specification of jobs, section 7).
const (
	overheadPercent = 10
	overheadLeast   = 384 // MiB
)

// PoolSettings returns what the workers in an application's pre-initialised slots are started with if their run says
// nothing else. Package dispatch tells it to the nodes, which warm processes for it.
func PoolSettings(application *state.Application) (spark.Settings, error) {
	settings, err := SparkSettings(application.Release, inherited(application), anyRun)
	if err != nil {
		return settings, err
	}
	settings.DriverHeapMiB = heapIn(application.InitialOf(state.TypeDriver), settings.Driver.MemoryMiB,
		settings.DriverHeapMiB)
	settings.ExecutorHeapMiB = heapIn(application.InitialOf(state.TypeExecutor), settings.Executor.MemoryMiB,
		settings.ExecutorHeapMiB)
	return settings, nil
}

// heapIn returns the heap of a process in a slot: that of the application's settings if their worker fits into the
// slot, else what a worker that fills the slot would have.
func heapIn(pool state.InitialCapacity, workerMiB, heapMiB int64) int64 {
	slotMiB := pool.Size.MemoryMiB
	if slotMiB == 0 || workerMiB <= slotMiB {
		return heapMiB
	}
	return min(slotMiB*100/(100+overheadPercent), slotMiB-overheadLeast)
}
