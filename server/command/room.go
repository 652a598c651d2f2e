package command

import (
	"cmp"
	"fmt"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/resource"
)

// shortage says for people why there was no room for a run: the limit that it does not fit in now, or else what the
// scheduler said last.
func shortage(view *state.View, limits Limits, run *state.JobRun, waits string) string {
	application := view.Application(run.Application)
	more := missingRoom(view, run)
	used := view.UsedOfApplication(application.ID)
	if over := used.Add(more).Exceeds(application.Limit); over != "" {
		return fmt.Sprintf(
			"configured maximum capacity exceeded: application %s may use %s and holds %s, and driver and %d workers "+
				"need %s more: over its %s; raise the maximum capacity, or try again later",
			application.ID, application.Limit.Limits(), used, run.Shape.Minimum, more, over)
	}
	if all := view.Used().MilliCPU; limits.AccountCPU > 0 && all+more.MilliCPU > limits.AccountCPU {
		return fmt.Sprintf(
			"the account's quota is exceeded: it is %s vCPU, %s are held, and driver and %d workers need %s more; "+
				"raise the quota, or try again later",
			resource.FormatCPU(limits.AccountCPU), resource.FormatCPU(all), run.Shape.Minimum,
			resource.FormatCPU(more.MilliCPU))
	}
	return cmp.Or(waits, fmt.Sprintf("no zone has %s for driver and %d workers", more, run.Shape.Minimum))
}

// missingRoom returns what a run needs at least beside the pre-initialised slots that are free now.
func missingRoom(view *state.View, run *state.JobRun) (more resource.Vector) {
	drivers := uint32(0)
	workers := uint32(0)
	for slot := range view.PoolOfApplication(run.Application) {
		switch {
		case slot.Free() && slot.Type == run.Shape.Driver && slot.Size.Serves(run.Shape.DriverSize):
			drivers++
		case slot.Free() && slot.Type == run.Shape.Worker && slot.Size.Serves(run.Shape.WorkerSize):
			workers++
		}
	}
	if drivers == 0 {
		more = run.Shape.DriverSize.Vector
	}
	return more.Add(run.Shape.WorkerSize.Times(int64(run.Shape.Minimum - min(run.Shape.Minimum, workers))))
}
