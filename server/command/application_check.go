package command

import (
	"slices"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/resource"
)

// maxWorkerCount is how many workers of a type an application may hold ready.
const maxWorkerCount = 1_000_000

// The oldest releases that can do what is gated.
const (
	releaseOfARM       = "6.9.0"
	releaseOfShuffle   = "7.1.0"
	releaseOfRetries   = "7.1.0"
	releaseOfStreaming = "7.1.0"
)

// checkSpec is the door's check of what a user decided about an application, at its creation and at every update. Shapes and
// sizes were checked by the caller; this is what the state and other fields have a say in.
func checkSpec(view *state.View, limits Limits, spec *state.Application) error {
	if err := checkRelease(view, spec.Engine, spec.Release); err != nil {
		return err
	}
	if spec.Architecture == "ARM64" && before(spec.Release, releaseOfARM) {
		return errs.Field("architecture", "release %s cannot run on ARM64: it needs emr-%s or newer", spec.Release, releaseOfARM)
	}
	return checkInitial(limits, spec)
}

// checkInitial holds that the initial capacity is of types that the engine has, and can ever be held.
func checkInitial(limits Limits, spec *state.Application) error {
	seen := map[state.WorkerType]bool{}
	for _, initial := range spec.Initial {
		if err := checkPool(spec, initial); err != nil {
			return err
		}
		if seen[initial.Type] {
			return errs.Field("initial_capacity", "%s stands twice: there is one entry per type of worker", initial.Type)
		}
		seen[initial.Type] = true
	}
	total := spec.InitialTotal()
	if over := total.Exceeds(spec.Limit); over != "" {
		return errs.Field("initial_capacity", "all of it holds %s, and the maximum capacity is %s: over its %s; raise the maximum capacity, or hold fewer workers ready",
			total, limitSaid(spec.Limit), over)
	}
	if limits.AccountCPU > 0 && total.MilliCPU > limits.AccountCPU {
		return errs.Field("initial_capacity", "all of it holds %s vCPU, and the account's quota is %s vCPU", resource.FormatCPU(total.MilliCPU),
			resource.FormatCPU(limits.AccountCPU))
	}
	return nil
}

// checkPool checks one type of the initial capacity.
func checkPool(spec *state.Application, initial state.InitialCapacity) error {
	types := poolTypes(spec.Engine)
	switch {
	case !slices.Contains(types, initial.Type):
		return errs.Field("initial_capacity", "a %s application has workers of the types %s and %s, not %s", spec.Engine, types[0], types[1], initial.Type)
	case initial.Count < 1 || initial.Count > maxWorkerCount:
		return errs.Field("initial_capacity", "%d workers of %s are not between 1 and %d", initial.Count, initial.Type, maxWorkerCount)
	case initial.Size.Disk == resource.DiskShuffleOptimized && before(spec.Release, releaseOfShuffle):
		return errs.Field("initial_capacity", "release %s has no shuffle-optimised disks for %s: they need emr-%s or newer", spec.Release, initial.Type, releaseOfShuffle)
	}
	return nil
}

// poolTypes are the types of worker that an engine has.
func poolTypes(engine state.Engine) []state.WorkerType {
	switch engine {
	case state.EngineSpark:
		return []state.WorkerType{state.TypeDriver, state.TypeExecutor}
	case state.EngineHive:
		return []state.WorkerType{state.TypeHiveDriver, state.TypeTezTask}
	}
	return []state.WorkerType{state.TypeDriver, state.TypeTask}
}
