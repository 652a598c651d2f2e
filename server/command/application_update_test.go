package command_test

import (
	"testing"
	"time"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/server/command"
)

func update(id string, change func(*state.Application)) *command.UpdateApplication {
	return &command.UpdateApplication{ApplicationID: id, Change: func(a *state.Application) error { change(a); return nil }}
}

func TestUpdateApplication_OnlyWhereItRests(t *testing.T) {
	heavier := update("x", func(a *state.Application) { a.Weight++ })
	for _, s := range resting {
		w := inState(t, s, false)
		switch s {
		case state.ApplicationCreated, state.ApplicationStopped:
			w.then(heavier, "ApplicationUpdated")
			if row := w.view.Application("x"); row.Weight != 2 || row.State != s || row.CreatedBy != "ann" {
				t.Errorf("after the update of one that is %s: %+v", s, row)
			}
		case state.ApplicationTerminated:
			w.refuses(heavier, errs.WrongState, "is deleted")
		default:
			w.refuses(heavier, errs.WrongState, "it is "+s.String()+", and only one that is CREATED or STOPPED can be changed; stop it first")
		}
	}
	newWorld(t).refuses(update("none", nil), errs.NotFound, `"none"`)
}

// All that a user decides can be changed; what stays, stays.
func TestUpdateApplication_ReplacesWhatItNames(t *testing.T) {
	w := newWorld(t)
	w.given(w.create("x", func(a *state.Application) {
		a.Engine, a.Release, a.Architecture, a.Tags = state.EngineSpark, "emr-7.1.0", "X86_64", map[string]string{"team": "a"}
		a.Configuration = []state.Configuration{{Classification: "spark-defaults", Properties: map[string]string{"a": "b"}}}
	}))
	w.given(&command.TagResource{ApplicationID: "x", Tags: map[string]string{"team": "b"}})
	w.now = w.now.Add(time.Minute)
	w.then(update("x", func(a *state.Application) {
		a.Release, a.Architecture, a.Limit, a.AutoStart, a.IdleTimeout, a.Weight = "emr-7.2.0", "ARM64", gib(40, 80, 0), true, time.Minute, 5
		a.Initial = []state.InitialCapacity{{Type: state.TypeExecutor, Count: 2, Size: state.Size{Vector: gib(4, 8, 20), Disk: 1}}}
		a.MaxRuns, a.QueueTimeout, a.Monitoring = 3, time.Hour, &state.Monitoring{S3: &state.S3Monitoring{LogURI: "s3://logs"}}
		a.Tags = nil // has a command of its own
	}), "ApplicationUpdated")
	row := w.view.Application("x")
	if row.Release != "emr-7.2.0" || row.Architecture != "ARM64" || row.Limit != gib(40, 80, 0) || !row.AutoStart || row.IdleTimeout != time.Minute || row.Weight != 5 ||
		len(row.Initial) != 1 || row.MaxRuns != 3 || row.QueueTimeout != time.Hour || row.Monitoring.S3.LogURI != "s3://logs" {
		t.Errorf("the update gives %+v", row)
	}
	if row.Name != "x" || row.Tags["team"] != "b" || len(row.Configuration) != 1 || !row.Updated.Equal(w.now) || row.Created.Equal(w.now) {
		t.Errorf("the update changes what it does not name: %+v", row)
	}
}

func TestUpdateApplication_RefusesWhatCannotBe(t *testing.T) {
	w := newWorld(t)
	w.given(w.create("x", nil))
	for said, change := range map[string]func(*state.Application){
		"engine: application x is of engine PROCESS for ever": func(a *state.Application) { a.Engine = state.EngineSpark },
		"name: application x has the name":                    func(a *state.Application) { a.Name = "y" },
		"initial_capacity: all of it holds 2 vCPU": func(a *state.Application) {
			a.Limit, a.Initial = gib(1, 0, 0), []state.InitialCapacity{{Type: state.TypeTask, Count: 2, Size: state.Size{Vector: gib(1, 2, 20), Disk: 1}}}
		},
		`release_label: an application of the PROCESS engine has the release "process"`: func(a *state.Application) { a.Release = "emr-7.2.0" },
	} {
		w.refuses(update("x", change), errs.Invalid, said)
	}
	wrong := errs.Field("weight", "it is wrong")
	w.refuses(&command.UpdateApplication{ApplicationID: "x", Change: func(*state.Application) error { return wrong }}, errs.Invalid, "it is wrong")
}

func TestUpdateApplication_OfNothingChangesNothing(t *testing.T) {
	w := newWorld(t)
	w.given(w.create("x", nil))
	w.then(update("x", func(a *state.Application) { a.Weight, a.Tags = 1, map[string]string{"a": "b"} }))
}

func TestUpdateApplication_IsDoneOnce(t *testing.T) {
	w := newWorld(t)
	w.given(w.create("x", nil))
	once := update("x", func(a *state.Application) { a.Weight = 3 })
	once.Request = command.Request{Operation: "UpdateApplication", ID: "token", Fingerprint: []byte{1}}
	w.then(once, "ApplicationUpdated", "RequestCompleted")
	w.given(update("x", func(a *state.Application) { a.Weight = 4 }))
	w.then(once) // a retry does not undo what came later
	once.Request.Fingerprint = []byte{2}
	w.refuses(once, errs.Conflict, `"token"`)
}

// A run keeps what it inherited, whatever becomes of its application.
func TestUpdateApplication_LeavesRunsAsTheyWere(t *testing.T) {
	w := newWorld(t)
	w.given(w.create("x", func(a *state.Application) {
		a.AutoStart, a.Monitoring = true, &state.Monitoring{S3: &state.S3Monitoring{LogURI: "s3://logs"}}
	}), submit("run", 0, inX), &command.StopApplication{ApplicationID: "x", Force: true})
	w.given(update("x", func(a *state.Application) { a.Monitoring = nil }))
	if got := w.view.JobRun("run").Inherited.Monitoring; got == nil || got.S3.LogURI != "s3://logs" {
		t.Errorf("the run inherits %+v", got)
	}
}
