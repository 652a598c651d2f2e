package command

import (
	"google.golang.org/protobuf/proto"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/releases"
	"github.com/headrace/headrace/internal/resource"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
	"github.com/headrace/headrace/server/command/configuration"
)

// maxSpec bounds what a user decided about an application, encoded, in bytes: every run of it inherits the settings.
const maxSpec = 256 << 10

// checkSpec checks what a user decided about an application, at its creation and at every update. The caller has
// checked it by itself; this checks it against the state and the release.
func checkSpec(view *state.View, limits Limits, decided *specv1.Application) error {
	if size := proto.Size(decided); size > maxSpec {
		return errs.Field("spec.runtime_configuration",
			"cannot take an application of %d bytes, most of them settings: the most is %d",
			size, maxSpec)
	}
	terms := state.TermsOf(decided)
	if err := checkRelease(view, terms.Engine, terms.Release); err != nil {
		return err
	}
	if err := checkSince(decided); err != nil {
		return err
	}
	if err := checkInteractive(decided); err != nil {
		return err
	}
	const field = "spec.runtime_configuration"
	settings := decided.GetRuntimeConfiguration()
	if err := configuration.Check(terms.Engine, terms.Release, field, settings); err != nil {
		return err
	}
	return checkInitial(limits, &terms)
}

// checkSince holds that the release has what the application asks for. PROCESS has no release.
func checkSince(decided *specv1.Application) error {
	release := decided.GetReleaseLabel()
	for _, gate := range []struct {
		asked bool
		since string
		field string
		lacks string
	}{
		{
			asked: decided.GetArchitecture() == specv1.Architecture_ARCHITECTURE_ARM64,
			since: releases.SinceARM64,
			field: "spec.architecture",
			lacks: "cannot run on ARM64: it needs",
		},
		{
			asked: decided.HasImage(),
			since: releases.SinceImages,
			field: "spec.image.uri",
			lacks: "does not support images of users: they need",
		},
		{
			asked: len(decided.GetWorkerTypeSpecifications()) > 0,
			since: releases.SinceImages,
			field: "spec.worker_type_specifications",
			lacks: "does not support images of users: they need",
		},
		{
			asked: decided.HasScheduler(),
			since: releases.SinceScheduler,
			field: "spec.scheduler",
			lacks: "cannot bound how many runs go on at once: that needs",
		},
		{
			asked: interactive(decided.GetInteractive()),
			since: releases.SinceInteractive,
			field: "spec.interactive",
			lacks: "has no studios, no API of Livy and no sessions: they need",
		},
		{
			asked: decided.GetMonitoring().GetPrometheus().GetRemoteWriteUrl() != "",
			since: releases.SincePrometheus,
			field: "spec.monitoring.prometheus",
			lacks: "cannot send metrics to a remote Prometheus: that needs",
		},
	} {
		if gate.asked && releases.Before(release, gate.since) {
			return errs.Field(gate.field, "release %s %s emr-%s or newer", release, gate.lacks, gate.since)
		}
	}
	return nil
}

// checkInteractive holds that the engine is one that people work with interactively.
func checkInteractive(decided *specv1.Application) error {
	engine := state.TermsOf(decided).Engine
	if interactive(decided.GetInteractive()) && engine != state.EngineSpark {
		return errs.Field("spec.interactive",
			"applications of engine %s have no studios, no API of Livy and no sessions; only those of SPARK have",
			engine)
	}
	return nil
}

// interactive says whether any interactive use is switched on.
func interactive(i *specv1.Interactive) bool {
	return i.GetStudioEnabled() || i.GetLivyEndpointEnabled() || i.GetSessionEnabled()
}

// checkInitial holds that the initial capacity can ever be held.
func checkInitial(limits Limits, terms *state.Terms) error {
	const field = "spec.initial_capacity"
	for _, initial := range terms.Initial {
		if initial.Size.Disk == resource.DiskShuffleOptimized &&
			releases.Before(terms.Release, releases.SinceShuffleDisk) {
			return errs.Field(field, "release %s has no shuffle-optimised disks for %s: they need emr-%s or newer",
				terms.Release, initial.Type, releases.SinceShuffleDisk)
		}
	}
	total := terms.InitialTotal()
	if over := total.Exceeds(terms.Limit); over != "" {
		return errs.Field(field,
			"all of it holds %s, and the maximum capacity is %s: over its %s; raise the maximum capacity, or hold "+
				"fewer workers ready",
			total, terms.Limit.Limits(), over)
	}
	if limits.AccountCPU > 0 && total.MilliCPU > limits.AccountCPU {
		return errs.Field(field, "all of it holds %s vCPU, and the account's quota is %s vCPU",
			resource.FormatCPU(total.MilliCPU), resource.FormatCPU(limits.AccountCPU))
	}
	return nil
}
