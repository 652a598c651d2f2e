package command_test

import (
	"fmt"
	"maps"
	"strings"
	"testing"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/server/command"
)

func numbered(from, to int) map[string]string {
	tags := map[string]string{}
	for i := from; i < to; i++ {
		tags[fmt.Sprint("k", i)] = ""
	}
	return tags
}

func TestTagResource_SetsAndRemovesByKey(t *testing.T) {
	w := newWorld(t)
	w.given(submit("run", 0))
	for _, c := range []struct {
		application, run, event string
		tags                    func() map[string]string
	}{
		{"app", "", "ApplicationTagged", func() map[string]string { return w.view.Application("app").Spec.GetTags() }},
		{"app", "run", "JobRunTagged", func() map[string]string { return w.view.JobRun("run").Spec.GetTags() }},
	} {
		tag := func(tags map[string]string) *command.TagResource {
			return &command.TagResource{ApplicationID: c.application, JobRunID: c.run, Tags: tags}
		}
		untag := func(keys ...string) *command.UntagResource {
			return &command.UntagResource{ApplicationID: c.application, JobRunID: c.run, Keys: keys}
		}
		w.then(tag(map[string]string{"a": "1", "A": "2", "empty": ""}), c.event)
		w.then(tag(map[string]string{"a": "1", "empty": ""}))
		w.then(tag(nil))
		w.then(tag(map[string]string{"a": "3"}), c.event)
		w.then(untag("none"))
		w.then(untag("A", "A", "none"), c.event)
		if want := map[string]string{"a": "3", "empty": ""}; !maps.Equal(c.tags(), want) {
			t.Errorf("the tags are %v, not %v", c.tags(), want)
		}
		w.then(untag("a", "empty"), c.event)
	}
}

// Tags have nothing to do with the state of what they are on.
func TestTagResource_InEveryState(t *testing.T) {
	tag := &command.TagResource{ApplicationID: "x", Tags: map[string]string{"a": "1"}}
	for _, s := range resting {
		if w := inState(t, s, false); s == state.ApplicationTerminated {
			w.refuses(tag, errs.WrongState, "is deleted")
			w.refuses(&command.UntagResource{ApplicationID: "x", Keys: []string{"a"}}, errs.WrongState, "is deleted")
		} else {
			w.then(tag, "ApplicationTagged")
		}
	}
	w := newWorld(t)
	w.runs("run", 0)
	w.given(exited(w.worker("run", 0), well))
	w.then(&command.TagResource{ApplicationID: "app", JobRunID: "run", Tags: map[string]string{"a": "1"}},
		"JobRunTagged")
	w.refuses(&command.TagResource{ApplicationID: "app", JobRunID: "none"}, errs.NotFound, `"none"`)
	w.refuses(&command.TagResource{ApplicationID: "none"}, errs.NotFound, `"none"`)
	w.refuses(&command.UntagResource{ApplicationID: "other", JobRunID: "run"}, errs.NotFound, `in application "other"`)
}

func TestTagResource_HasAtMostFifty(t *testing.T) {
	w := newWorld(t)
	w.then(&command.TagResource{ApplicationID: "app", Tags: numbered(0, 49)}, "ApplicationTagged")
	w.refuses(&command.TagResource{ApplicationID: "app", Tags: numbered(48, 51)}, errs.Invalid,
		"the resource has 49 tags and would have 51, and the most is 50")
	w.then(&command.TagResource{ApplicationID: "app", Tags: numbered(48, 50)}, "ApplicationTagged")
	w.refuses(&command.TagResource{ApplicationID: "app", Tags: numbered(0, 51)}, errs.Invalid, "51 tags are more than")
}

// What is created has the tags that it came with; a run's are not its application's.
func TestTags_AtCreation(t *testing.T) {
	w := newWorld(t)
	w.given(create("x", auto, labelled(numbered(0, 50))), submit("run", 0, inX, tagged(numbered(50, 60))))
	if got := w.view.Application("x").Spec.GetTags(); !maps.Equal(got, numbered(0, 50)) {
		t.Errorf("the application has %v", got)
	}
	if got := w.view.JobRun("run").Spec.GetTags(); !maps.Equal(got, numbered(50, 60)) {
		t.Errorf("the run has %v", got)
	}
}

// The rules are those of package spec; the door holds tags that come later to them too.
func TestTagResource_HoldsTagsToTheirRules(t *testing.T) {
	w := newWorld(t)
	w.given(submit("run", 0))
	for _, run := range []string{"", "run"} {
		tag := func(key, value string) *command.TagResource {
			return &command.TagResource{ApplicationID: "app", JobRunID: run, Tags: map[string]string{key: value}}
		}
		w.given(tag(strings.Repeat("é", 128), strings.Repeat("é", 256)))
		w.refuses(tag("", "v"), errs.Invalid, `tags: the key "" has 0 characters, not 1 to 128`)
		w.refuses(tag("k", "aWs:v"), errs.Invalid, "begins with aws:, which is reserved")
		w.refuses(tag("k", "two\nlines"), errs.Invalid, `has the character '\n'`)
	}
}
