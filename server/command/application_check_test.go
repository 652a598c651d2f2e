package command_test

import (
	"errors"
	"testing"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/server/command"
)

func TestCheckSpec_AtCreationAndUpdate(t *testing.T) {
	pool := func(of ...state.InitialCapacity) []state.InitialCapacity { return of }
	size := state.Size{Vector: gib(4, 8, 20), Disk: 1}
	shuffle := state.Size{Vector: gib(4, 8, 500), Disk: 2}
	one := func(t state.WorkerType, n uint32, s state.Size) state.InitialCapacity {
		return state.InitialCapacity{Type: t, Count: n, Size: s}
	}
	for name, c := range map[string]struct {
		engine  state.Engine
		release string
		change  func(*state.Application)
		said    string // empty: accepted
	}{
		"spark":       {1, "emr-6.6.0", func(a *state.Application) { a.Initial = pool(one(1, 5, size), one(2, 50, size)) }, ""},
		"hive":        {2, "emr-6.6.0", func(a *state.Application) { a.Initial = pool(one(3, 1, size), one(4, 1, size)) }, ""},
		"process":     {3, "process", func(a *state.Application) { a.Initial = pool(one(1, 1, size), one(5, 1, shuffle)) }, ""},
		"spark task":  {1, "emr-7.2.0", func(a *state.Application) { a.Initial = pool(one(5, 1, size)) }, "a SPARK application has workers of the types DRIVER and EXECUTOR, not TASK"},
		"hive driver": {2, "emr-7.2.0", func(a *state.Application) { a.Initial = pool(one(1, 1, size)) }, "a HIVE application has workers of the types HIVE_DRIVER and TEZ_TASK, not DRIVER"},
		"no workers":  {1, "emr-7.2.0", func(a *state.Application) { a.Initial = pool(one(1, 0, size)) }, "0 workers of DRIVER are not between 1 and 1000000"},
		"too many":    {1, "emr-7.2.0", func(a *state.Application) { a.Initial = pool(one(1, 1_000_001, size)) }, "1000001 workers of DRIVER are not between 1 and 1000000"},
		"twice":       {1, "emr-7.2.0", func(a *state.Application) { a.Initial = pool(one(1, 1, size), one(1, 1, size)) }, "DRIVER stands twice"},
		"over": {1, "emr-7.2.0", func(a *state.Application) {
			a.Limit, a.Initial = gib(400, 400, 0), pool(one(1, 5, size), one(2, 50, size))
		},
			"all of it holds 220 vCPU, 440 GB, 1100 GB disk, and the maximum capacity is 400 vCPU, 400 GB: over its memory"},
		"quota":           {1, "emr-7.2.0", func(a *state.Application) { a.Initial = pool(one(1, 251, size)) }, "all of it holds 1004 vCPU, and the account's quota is 1000 vCPU"},
		"shuffle":         {1, "emr-7.1.0", func(a *state.Application) { a.Initial = pool(one(2, 1, shuffle)) }, ""},
		"shuffle, old":    {1, "emr-7.0.0", func(a *state.Application) { a.Initial = pool(one(2, 1, shuffle)) }, "release emr-7.0.0 has no shuffle-optimised disks for EXECUTOR: they need emr-7.1.0 or newer"},
		"arm":             {1, "emr-6.9.0", func(a *state.Application) { a.Architecture = "ARM64" }, ""},
		"arm, old":        {1, "emr-6.8.0", func(a *state.Application) { a.Architecture = "ARM64" }, "release emr-6.8.0 cannot run on ARM64: it needs emr-6.9.0 or newer"},
		"arm, own":        {1, "own", func(a *state.Application) { a.Architecture, a.Initial = "ARM64", pool(one(2, 1, shuffle)) }, ""},
		"arm, own emr":    {1, "emr-own", func(a *state.Application) { a.Architecture = "ARM64" }, ""},
		"image":           {1, "emr-6.9.0", func(a *state.Application) { a.Surroundings.Image = &state.Image{URI: "i"} }, ""},
		"image, old":      {1, "emr-6.8.0", func(a *state.Application) { a.Surroundings.Image = &state.Image{URI: "i"} }, "release emr-6.8.0 has no images of users: they need emr-6.9.0 or newer"},
		"images, old":     {1, "emr-6.8.0", func(a *state.Application) { a.Surroundings.WorkerImages = []state.WorkerImage{{WorkerType: "Driver"}} }, "release emr-6.8.0 has no images of users"},
		"scheduler":       {1, "emr-7.0.0", func(a *state.Application) { a.MaxRuns = 5 }, ""},
		"scheduler, old":  {1, "emr-6.15.0", func(a *state.Application) { a.MaxRuns = 5 }, "release emr-6.15.0 has no bound of what runs at once: it needs emr-7.0.0 or newer"},
		"scheduler, ours": {3, "process", func(a *state.Application) { a.MaxRuns = 5 }, ""},
		"unknown release": {1, "emr-5.0.0", func(*state.Application) {}, `there is no release "emr-5.0.0"`},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.limits.AccountCPU = 1000_000
			for _, label := range []string{"own", "emr-own"} {
				w.given(&command.AddRelease{Release: state.Release{Label: label, Engine: state.EngineSpark, Digest: []byte{1}}})
			}
			create := w.create("x", func(a *state.Application) { a.Engine, a.Release = c.engine, c.release; c.change(a) })
			w.given(w.create("y", func(a *state.Application) {
				a.Engine, a.Release = c.engine, "emr-7.2.0"
				if c.engine == state.EngineProcess {
					a.Release = command.ProcessRelease
				}
			}))
			change := update("y", func(a *state.Application) { a.Release = c.release; c.change(a) })
			for _, d := range []decision{create, change} {
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
	_, err := w.when(w.create("x", func(a *state.Application) { a.Initial = []state.InitialCapacity{{Type: state.TypeTezTask, Count: 1}} }))
	var e *errs.Error
	if !errors.As(err, &e) || e.Field != "initial_capacity" {
		t.Errorf("the error is %v", err)
	}
}
