package command_test

import (
	"maps"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/server/command"
)

// dump writes every row of a view.
func dump(t *testing.T, view *state.View) string {
	t.Helper()
	var text strings.Builder
	if err := view.Dump(&text); err != nil {
		t.Fatal(err)
	}
	return text.String()
}

// Rows, events and commands hold the same messages: whatever is decided later, a view shows what it showed, and a
// command says what it said.
func TestView_StaysAsItIsWhateverIsDecidedLater(t *testing.T) {
	w := newWorld(t)
	old := map[string]string{"team": "a"}
	application := create("x", auto, engine(state.EngineSpark, "emr-7.2.0"), labelled(old),
		inheriting(site("core-site", map[string]string{"a": "b"})))
	run := submit("run", 0, inX, program(sparkDriver("")), tagged(old),
		own(site("spark-defaults", map[string]string{"c": "d"})))
	w.given(application, run)
	saidOfX := proto.CloneOf(application.Spec)
	saidOfRun := proto.CloneOf(run.Spec)
	before := w.view
	text := dump(t, w.view)

	other := map[string]string{"team": "b", "cost": "c"}
	w.given(
		&command.TagResource{ApplicationID: "x", Tags: other},
		&command.TagResource{ApplicationID: "x", JobRunID: "run", Tags: other},
		&command.UntagResource{ApplicationID: "x", Keys: []string{"cost"}},
		&command.UntagResource{ApplicationID: "x", JobRunID: "run", Keys: []string{"cost"}},
		&command.StopApplication{ApplicationID: "x", Force: true},
		update("x", weighing(9), inheriting(site("core-site", map[string]string{"a": "other"}))),
	)
	if now := w.view.JobRun("run").Spec.GetTags(); !maps.Equal(now, map[string]string{"team": "b"}) {
		t.Errorf("the run has the tags %v", now)
	}
	if got := before.JobRun("run").Spec.GetTags(); !maps.Equal(got, old) {
		t.Errorf("in the view before the run has the tags %v", got)
	}
	if got := before.Application("x").Spec.GetTags(); !maps.Equal(got, old) {
		t.Errorf("in the view before the application has the tags %v", got)
	}
	if dump(t, before) != text {
		t.Errorf("the view before has changed:\n%s\nIt was:\n%s", dump(t, before), text)
	}
	if !proto.Equal(application.Spec, saidOfX) || !proto.Equal(run.Spec, saidOfRun) {
		t.Error("what the commands said has changed")
	}
}

// A repetition finds what its first one made, and takes back nothing of what was decided since.
func TestRequest_RepeatedChangesNoRow(t *testing.T) {
	w := newWorld(t)
	repeated := func(operation string) command.Request {
		return command.Request{Operation: operation, ID: "token", Token: true, Fingerprint: []byte{1}}
	}
	tags := map[string]string{"team": "a"}
	application := create("x", auto, labelled(tags))
	run := submit("run", 0, inX, tagged(tags))
	application.Request = repeated("CreateApplication")
	run.Request = repeated("StartJobRun")
	w.given(application, run)
	for _, id := range []string{"", "run"} {
		w.given(&command.TagResource{ApplicationID: "x", JobRunID: id, Tags: map[string]string{"team": "b"}})
	}
	x := w.view.Application("x")
	r := w.view.JobRun("run")
	text := dump(t, w.view)
	w.then(application)
	w.then(run)
	if application.ApplicationID != "x" || run.JobRunID != "run" {
		t.Errorf("the repetitions answer %q and %q", application.ApplicationID, run.JobRunID)
	}
	if w.view.Application("x") != x || w.view.JobRun("run") != r || dump(t, w.view) != text {
		t.Errorf("a repetition changed\n%s\nto\n%s", text, dump(t, w.view))
	}
}
