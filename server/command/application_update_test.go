package command_test

import (
	"testing"
	"time"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/resource"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
	"github.com/headrace/headrace/server/command"
)

// weighing gives an application another weight.
func weighing(weight int64) func(*specv1.Application) {
	return func(a *specv1.Application) { a.SetWeight(weight) }
}

func TestUpdateApplication_OnlyWhereItRests(t *testing.T) {
	heavier := update("x", weighing(2))
	for _, s := range resting {
		w := inState(t, s, false)
		switch s {
		case state.ApplicationCreated, state.ApplicationStopped:
			w.then(heavier, "ApplicationUpdated")
			row := w.view.Application("x")
			if row.Weight != 2 || row.Spec.GetWeight() != 2 || row.State != s || row.CreatedBy != "ann" {
				t.Errorf("after the update of one that is %s: %+v", s, row)
			}
		case state.ApplicationTerminated:
			w.refuses(heavier, errs.WrongState, "is deleted")
		default:
			w.refuses(heavier, errs.WrongState,
				"it is "+s.String()+", and only one that is CREATED or STOPPED can be changed; stop it first")
		}
	}
	newWorld(t).refuses(update("none"), errs.NotFound, `"none"`)
}

// All that a user decides can be changed; what stays, stays.
func TestUpdateApplication_ReplacesWhatItNames(t *testing.T) {
	w := newWorld(t)
	w.given(create("x", engine(state.EngineSpark, "emr-7.1.0"), labelled(map[string]string{"team": "a"}),
		inheriting(site("spark-defaults", map[string]string{"a": "b"}))))
	w.given(&command.TagResource{ApplicationID: "x", Tags: map[string]string{"team": "b"}})
	w.now = w.now.Add(time.Minute)
	size := state.Size{Vector: gib(4, 8, 20), Disk: resource.DiskStandard}
	arm := func(a *specv1.Application) { a.SetArchitecture(specv1.Architecture_ARCHITECTURE_ARM64) }
	w.then(update("x", engine(state.EngineSpark, "emr-7.2.0"), arm, limited(40, 80, 0), auto, idle(1), weighing(5),
		holding("Executor", 2, size), bounded(3, 60), logging("s3://logs"),
		labelled(nil), // has a command of its own
	), "ApplicationUpdated")
	row := w.view.Application("x")
	if row.Release != "emr-7.2.0" || row.Architecture != "ARM64" || row.Limit != gib(40, 80, 0) || !row.AutoStart ||
		row.IdleTimeout != time.Minute || row.Weight != 5 || len(row.Initial) != 1 || row.MaxRuns != 3 ||
		row.QueueTimeout != time.Hour || row.Spec.GetMonitoring().GetS3().GetLogUri() != "s3://logs" {
		t.Errorf("the update gives %+v", row)
	}
	if row.Spec.GetName() != "x" || row.Spec.GetTags()["team"] != "b" || len(row.Spec.GetRuntimeConfiguration()) != 1 ||
		!row.Updated.Equal(w.now) || row.Created.Equal(w.now) {
		t.Errorf("the update changes what it does not name: %+v", row)
	}
}

func TestUpdateApplication_RefusesWhatCannotBe(t *testing.T) {
	w := newWorld(t)
	w.given(create("x"))
	size := state.Size{Vector: gib(1, 2, 20), Disk: resource.DiskStandard}
	renamed := func(a *specv1.Application) { a.SetName("y") }
	for said, change := range map[string]*command.UpdateApplication{
		"spec.engine: application x is of engine PROCESS for ever": update("x", engine(state.EngineSpark, "emr-7.2.0")),
		"spec.name: application x has the name":                    update("x", renamed),
		"spec.initial_capacity: all of it holds 2 vCPU": update(
			"x", limited(1, 0, 0), holding("Task", 2, size),
		),
		`spec.release_label: an application of the PROCESS engine has the release "process"`: update("x",
			engine(state.EngineProcess, "emr-7.2.0")),
	} {
		w.refuses(change, errs.Invalid, said)
	}
	wrong := func(*specv1.Application) (*specv1.Application, error) {
		return nil, errs.Field("spec.weight", "it is wrong")
	}
	w.refuses(&command.UpdateApplication{ApplicationID: "x", Change: wrong}, errs.Invalid, "it is wrong")
}

func TestUpdateApplication_OfNothingChangesNothing(t *testing.T) {
	w := newWorld(t)
	w.given(create("x"))
	w.then(update("x", weighing(1), labelled(map[string]string{"a": "b"})))
}

func TestUpdateApplication_IsDoneOnce(t *testing.T) {
	w := newWorld(t)
	w.given(create("x"))
	once := update("x", weighing(3))
	once.Request = command.Request{Operation: "UpdateApplication", ID: "token", Fingerprint: []byte{1}}
	w.then(once, "ApplicationUpdated", "RequestCompleted")
	w.given(update("x", weighing(4)))
	w.then(once) // a retry does not undo what came later
	once.Request.Fingerprint = []byte{2}
	w.refuses(once, errs.Conflict, `"token"`)
}

// A run keeps what it inherited, whatever becomes of its application.
func TestUpdateApplication_LeavesRunsAsTheyWere(t *testing.T) {
	w := newWorld(t)
	w.given(create("x", auto, logging("s3://logs")), submit("run", 0, inX))
	w.given(&command.StopApplication{ApplicationID: "x", Force: true})
	w.given(update("x", (*specv1.Application).ClearMonitoring))
	if got := w.view.Inherited(w.view.JobRun("run")).GetMonitoring(); got.GetS3().GetLogUri() != "s3://logs" {
		t.Errorf("the run inherits %+v", got)
	}
}
