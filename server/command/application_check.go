package command

import (
	"slices"

	"google.golang.org/protobuf/proto"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/fsm/wire"
	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/releases"
	"github.com/headrace/headrace/internal/resource"
	"github.com/headrace/headrace/server/command/configuration"
)

// maxWorkerCount is how many workers of a type an application may hold ready.
const maxWorkerCount = 1_000_000

// maxSpec bounds what a user decided about an application, encoded, in bytes: every run of it inherits the settings.
const maxSpec = 256 << 10

// checkSpec is the door's check of what a user decided about an application, at its creation and at every update. Shapes and
// sizes were checked by the caller; this is what the state and other fields have a say in.
func checkSpec(view *state.View, limits Limits, spec *state.Application) error {
	if size := proto.Size(wire.ApplicationSpec(spec)); size > maxSpec {
		return errs.Field("runtime_configuration", "cannot take an application of %d bytes, most of them settings: the most is %d", size, maxSpec)
	}
	if err := checkRelease(view, spec.Engine, spec.Release); err != nil {
		return err
	}
	if spec.Architecture == "ARM64" && releases.Before(spec.Release, releases.SinceARM64) {
		return errs.Field("architecture", "release %s cannot run on ARM64: it needs emr-%s or newer", spec.Release, releases.SinceARM64)
	}
	if err := checkSince(spec); err != nil {
		return err
	}
	if err := configuration.Check(spec.Engine, spec.Release, "runtime_configuration", spec.Configuration); err != nil {
		return err
	}
	return checkInitial(limits, spec)
}

// checkSince holds that the release has what the application asks for. PROCESS has no release.
func checkSince(spec *state.Application) error {
	image, workers := spec.Surroundings.Image != nil, len(spec.Surroundings.WorkerImages) > 0
	field := "surroundings.worker_images"
	if image {
		field = "surroundings.image.uri"
	}
	switch {
	case (image || workers) && releases.Before(spec.Release, releases.SinceImages):
		return errs.Field(field, "release %s has no images of users: they need emr-%s or newer", spec.Release, releases.SinceImages)
	case spec.MaxRuns > 0 && releases.Before(spec.Release, releases.SinceScheduler):
		return errs.Field("scheduler", "release %s has no bound of what runs at once: it needs emr-%s or newer", spec.Release, releases.SinceScheduler)
	}
	return nil
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
	case initial.Size.Disk == resource.DiskShuffleOptimized && releases.Before(spec.Release, releases.SinceShuffleDisk):
		return errs.Field("initial_capacity", "release %s has no shuffle-optimised disks for %s: they need emr-%s or newer", spec.Release, initial.Type, releases.SinceShuffleDisk)
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
