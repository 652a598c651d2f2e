package command_test

import (
	"errors"
	"testing"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/resource"
	"github.com/headrace/headrace/internal/spec"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
	"github.com/headrace/headrace/server/command"
)

// Package spec holds a spec to what can be said of it alone; this is what the state, the release and the limits have a
// say in.
func TestCheckSpec_AtCreationAndUpdate(t *testing.T) {
	size := state.Size{Vector: gib(4, 8, 20), Disk: resource.DiskStandard}
	shuffle := state.Size{Vector: gib(4, 8, 500), Disk: resource.DiskShuffleOptimized}
	all := func(changes ...func(*specv1.Application)) func(*specv1.Application) {
		return func(a *specv1.Application) {
			for _, change := range changes {
				change(a)
			}
		}
	}
	arm := func(a *specv1.Application) { a.SetArchitecture(specv1.Architecture_ARCHITECTURE_ARM64) }
	mine := specv1.Image_builder{Uri: new("i")}.Build()
	livy := func(a *specv1.Application) {
		a.SetInteractive(specv1.Interactive_builder{LivyEndpointEnabled: new(true)}.Build())
	}
	prometheus := func(a *specv1.Application) {
		remote := specv1.PrometheusMonitoring_builder{RemoteWriteUrl: new("http://x")}.Build()
		a.SetMonitoring(specv1.Monitoring_builder{Prometheus: remote}.Build())
	}
	image := func(a *specv1.Application) { a.SetImage(mine) }
	images := func(a *specv1.Application) {
		a.SetWorkerTypeSpecifications(map[string]*specv1.WorkerTypeSpecification{
			"Driver": specv1.WorkerTypeSpecification_builder{Image: mine}.Build(),
		})
	}
	for name, c := range map[string]struct {
		engine  state.Engine
		release string
		change  func(*specv1.Application)
		said    string // empty: accepted
	}{
		"spark": {
			state.EngineSpark, "emr-6.6.0",
			all(holding("Driver", 5, size), holding("Executor", 50, size)), "",
		},
		"hive": {
			state.EngineHive, "emr-6.6.0",
			all(holding("HiveDriver", 1, size), holding("TezTask", 1, size)), "",
		},
		"process": {
			state.EngineProcess, "process",
			all(holding("Driver", 1, size), holding("Task", 1, shuffle)), "",
		},
		"over": {
			state.EngineSpark, "emr-6.6.0",
			all(limited(400, 400, 0), holding("Driver", 5, size), holding("Executor", 50, size)),
			"spec.initial_capacity: all of it holds 220 vCPU, 440 GB, 1100 GB disk, " +
				"and the maximum capacity is 400 vCPU, 400 GB: over its memory",
		},
		"quota": {
			state.EngineSpark, "emr-7.2.0", holding("Driver", 251, size),
			"spec.initial_capacity: all of it holds 1004 vCPU, and the account's quota is 1000 vCPU",
		},
		"shuffle": {state.EngineSpark, "emr-7.1.0", holding("Executor", 1, shuffle), ""},
		"shuffle, old": {
			state.EngineSpark, "emr-7.0.0", holding("Executor", 1, shuffle),
			"spec.initial_capacity: release emr-7.0.0 has no shuffle-optimised disks for EXECUTOR: " +
				"they need emr-7.1.0 or newer",
		},
		"A11: arm of the guide": {state.EngineSpark, "emr-6.8.0", arm, ""},
		"A11: livy":             {state.EngineSpark, "emr-6.14.0", livy, ""},
		"A11: livy, old": {
			state.EngineSpark, "emr-6.13.0", livy,
			"spec.interactive: release emr-6.13.0 has no studios, no API of Livy and no sessions: they need emr-6.14.0",
		},
		"A11: livy of Hive": {state.EngineHive, "emr-7.2.0", livy, "spec.interactive: applications of engine HIVE"},
		"A11: prometheus":   {state.EngineSpark, "emr-7.1.0", prometheus, ""},
		"A11: prometheus, old": {
			state.EngineSpark, "emr-7.0.0", prometheus,
			"spec.monitoring.prometheus: release emr-7.0.0 cannot send metrics",
		},
		"arm": {state.EngineSpark, "emr-6.9.0", arm, ""},
		"arm, old": {
			state.EngineSpark, "emr-6.7.0", arm,
			"spec.architecture: release emr-6.7.0 cannot run on ARM64: it needs emr-6.8.0 or newer",
		},
		"arm, own":     {state.EngineSpark, "own", all(arm, holding("Executor", 1, shuffle)), ""},
		"arm, own emr": {state.EngineSpark, "emr-own", arm, ""},
		"image":        {state.EngineSpark, "emr-6.9.0", image, ""},
		"image, old": {
			state.EngineSpark, "emr-6.8.0", image,
			"spec.image.uri: release emr-6.8.0 does not support images of users: they need emr-6.9.0 or newer",
		},
		"images, old": {
			state.EngineSpark, "emr-6.8.0", images,
			"spec.worker_type_specifications: release emr-6.8.0 does not support images of users",
		},
		"scheduler": {state.EngineSpark, "emr-7.0.0", bounded(5, 30), ""},
		"scheduler, old": {
			state.EngineSpark, "emr-6.15.0", bounded(5, 30),
			"spec.scheduler: release emr-6.15.0 cannot bound how many runs go on at once: that needs emr-7.0.0 or newer",
		},
		"scheduler, ours": {state.EngineProcess, "process", bounded(5, 30), ""},
		"unknown release": {
			state.EngineSpark, "emr-5.0.0", all(), `spec.release_label: there is no release "emr-5.0.0"`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.limits.AccountCPU = 1000_000
			for _, label := range []string{"own", "emr-own"} {
				w.given(&command.AddRelease{Release: state.Release{
					Label:  label,
					Engine: state.EngineSpark,
					Digest: []byte{1},
				}})
			}
			before := "emr-7.2.0"
			if c.engine == state.EngineProcess {
				before = spec.ProcessRelease
			}
			w.given(create("y", engine(c.engine, before)))
			asked := all(engine(c.engine, c.release), c.change)
			for _, d := range []decision{create("x", asked), update("y", asked)} {
				if _, err := w.when(d); c.said == "" && err != nil {
					t.Errorf("%T: %v", d, err)
				}
				if c.said != "" {
					w.refuses(d, errs.Invalid, c.said)
				}
			}
		})
	}
}

func TestErrorsOfASpec_NameTheirField(t *testing.T) {
	w := newWorld(t)
	size := state.Size{Vector: gib(2, 4, 20), Disk: resource.DiskStandard}
	_, err := w.when(create("x", limited(1, 0, 0), holding("Task", 1, size)))
	var e *errs.Error
	if !errors.As(err, &e) || e.Field != "spec.initial_capacity" {
		t.Errorf("the error is %v", err)
	}
}
