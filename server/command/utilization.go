package command

import (
	"math"
	"time"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/resource"
)

const (
	// leastBilled is how long a worker that ran is billed at least.
	leastBilled = time.Minute
	// freeDiskMiB is the disk of a worker that is not billed.
	freeDiskMiB = 20 << 10
)

// Usage is what workers held, over time.
type Usage struct {
	MilliCPUSeconds   int64 // thousandths of a vCPU times seconds
	MemoryMiBSeconds  int64
	StorageMiBSeconds int64
}

// Utilization adds up what the workers of all attempts of a run held while they ran, and what of it is billed: at least
// a minute per worker, whole seconds, and only the disk above 20 GB. A worker in a pre-initialised slot holds all of
// the slot; while no worker runs in a slot, it counts for no run. A worker that still runs counts until now; a worker
// that never ran does not count. For CPU and memory, billed is never less than total.
func Utilization(view *state.View, run *state.JobRun, now time.Time) (total, billed Usage) {
	for worker := range view.WorkersOfRun(run.ID) {
		if worker.Running.IsZero() {
			continue
		}
		end := now
		if !worker.Live() {
			end = worker.Ended
		}
		ran := max(end.Sub(worker.Running), 0)
		total.add(worker.Size.Vector, int64(ran.Round(time.Second)/time.Second))
		charged := worker.Size.Vector
		charged.DiskMiB = max(charged.DiskMiB-freeDiskMiB, 0)
		billed.add(charged, int64((max(ran, leastBilled)+time.Second-1)/time.Second))
	}
	return total, billed
}

// Hours returns what was held as vCPU, GB of memory and GB of disk, each times hours: what people pay for.
func (u Usage) Hours() (vcpu, memoryGB, storageGB float64) {
	const (
		milliHour = 1000 * 3600
		mibPerGB  = 1024
	)
	return float64(u.MilliCPUSeconds) / milliHour,
		float64(u.MemoryMiBSeconds) / (mibPerGB * 3600),
		float64(u.StorageMiBSeconds) / (mibPerGB * 3600)
}

func (u *Usage) add(held resource.Vector, seconds int64) {
	u.MilliCPUSeconds = plus(u.MilliCPUSeconds, held.MilliCPU, seconds)
	u.MemoryMiBSeconds = plus(u.MemoryMiBSeconds, held.MemoryMiB, seconds)
	u.StorageMiBSeconds = plus(u.StorageMiBSeconds, held.DiskMiB, seconds)
}

// plus adds what was held for so long, up to the largest number, so that use beyond it does not become negative.
func plus(sum, held, seconds int64) int64 {
	if held > 0 && seconds > (math.MaxInt64-sum)/held {
		return math.MaxInt64
	}
	return sum + held*seconds
}

// ExecutionSeconds returns how long a run took from its first RUNNING to its end, in whole seconds. It is 0 before the
// end, and for a run that never was RUNNING.
func ExecutionSeconds(run *state.JobRun) int64 {
	if run.Started.IsZero() || run.Ended.IsZero() {
		return 0
	}
	return int64(run.Ended.Sub(run.Started) / time.Second)
}
