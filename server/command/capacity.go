package command

import (
	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/resource"
)

// checkLimits holds that an application may hold so much more: within its maximum capacity, and within the account's
// quota.
func checkLimits(view *state.View, limits Limits, application *state.Application, more resource.Vector) error {
	used := view.UsedOfApplication(application.ID)
	if over := used.Add(more).Exceeds(application.Limit); over != "" {
		return errs.New(errs.Refused, "application %s may use %s, uses %s, and %s more would be over its %s",
			application.ID, application.Limit.Limits(), used, more, over)
	}
	if all := view.Used().MilliCPU + more.MilliCPU; limits.AccountCPU > 0 && all > limits.AccountCPU {
		return errs.New(errs.Refused, "the account may use %s vCPU, and %s more would make %s",
			resource.FormatCPU(limits.AccountCPU), resource.FormatCPU(more.MilliCPU), resource.FormatCPU(all))
	}
	return nil
}

// LeastUse returns what an application holds while a single run of a shape runs with so many workers beside its driver:
// all of the application's pre-initialised slots, and what these cannot give.
func LeastUse(application *state.Application, shape state.Shape, workers uint32) resource.Vector {
	sum := application.InitialTotal()
	if drivers := application.InitialOf(shape.Driver); drivers.Count == 0 || !drivers.Size.Serves(shape.DriverSize) {
		sum = sum.Add(shape.DriverSize.Vector)
	}
	ready := uint32(0)
	if pool := application.InitialOf(shape.Worker); pool.Size.Serves(shape.WorkerSize) {
		ready = pool.Count
	}
	return sum.Add(shape.WorkerSize.Times(int64(workers - min(workers, ready))))
}

// checkFits refuses a run that can never start: one whose driver and minimum of workers are over the application's
// limit, or over the account's quota.
func checkFits(limits Limits, application *state.Application, shape state.Shape) error {
	least := LeastUse(application, shape, shape.Minimum)
	if over := least.Exceeds(application.Limit); over != "" {
		return errs.New(errs.TooLarge,
			"maximum allowed capacity exceeded: driver and %d workers need %s%s, and the maximum capacity of "+
				"application %s is %s: over its %s; raise the maximum capacity",
			shape.Minimum, least, besidePool(application), application.ID, application.Limit.Limits(), over)
	}
	return checkQuota(limits, least, "driver and %d workers of application %s", shape.Minimum, application.ID)
}

func besidePool(application *state.Application) string {
	if len(application.Initial) == 0 {
		return ""
	}
	return " together with all pre-initialised workers"
}

// checkQuota refuses what the account's quota can never hold.
func checkQuota(limits Limits, least resource.Vector, what string, args ...any) error {
	if limits.AccountCPU == 0 || least.MilliCPU <= limits.AccountCPU {
		return nil
	}
	args = append(args, resource.FormatCPU(least.MilliCPU), resource.FormatCPU(limits.AccountCPU))
	return errs.New(errs.TooLarge, what+" need %s vCPU, and the account's quota is %s vCPU", args...)
}
