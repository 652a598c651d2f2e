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
		{"app", "", "ApplicationTagged", func() map[string]string { return w.view.Application("app").Tags }},
		{"app", "run", "JobRunTagged", func() map[string]string { return w.view.JobRun("run").Tags }},
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
	w.then(&command.TagResource{ApplicationID: "app", JobRunID: "run", Tags: map[string]string{"a": "1"}}, "JobRunTagged")
	w.refuses(&command.TagResource{ApplicationID: "app", JobRunID: "none"}, errs.NotFound, `"none"`)
	w.refuses(&command.TagResource{ApplicationID: "none"}, errs.NotFound, `"none"`)
	w.refuses(&command.UntagResource{ApplicationID: "other", JobRunID: "run"}, errs.NotFound, `in application "other"`)
}

func TestTagResource_HasAtMostFifty(t *testing.T) {
	w := newWorld(t)
	w.then(&command.TagResource{ApplicationID: "app", Tags: numbered(0, 49)}, "ApplicationTagged")
	w.refuses(&command.TagResource{ApplicationID: "app", Tags: numbered(48, 51)}, errs.Invalid, "the resource has 49 tags and would have 51, and the most is 50")
	w.then(&command.TagResource{ApplicationID: "app", Tags: numbered(48, 50)}, "ApplicationTagged")
	w.refuses(&command.TagResource{ApplicationID: "app", Tags: numbered(0, 51)}, errs.Invalid, "51 tags are more than")
}

// Nothing is created with tags that cannot be.
func TestTags_AtCreationAreAllOrNothing(t *testing.T) {
	w := newWorld(t)
	w.refuses(w.create("x", func(a *state.Application) { a.Tags = numbered(0, 51) }), errs.Invalid, "tags: 51 tags")
	w.refuses(submit("run", 0, func(c *command.StartJobRun) { c.Tags = numbered(0, 51) }), errs.Invalid, "tags: 51 tags")
	w.given(w.create("x", func(a *state.Application) { a.Tags = numbered(0, 50) }), submit("run", 0, func(c *command.StartJobRun) { c.Tags = numbered(0, 50) }))
	if len(w.view.Application("x").Tags) != 50 || len(w.view.JobRun("run").Tags) != 50 {
		t.Error("tags are lost")
	}
	if len(w.view.JobRun("run").Tags) == len(w.view.Application("app").Tags) {
		t.Error("a run's tags are its application's")
	}
}

func TestCheckTags_OfWordsAndLengths(t *testing.T) {
	for _, c := range []struct{ key, value, said string }{
		{"team", "data platform", ""},
		{"Ünïcode 数字 ٣", "_.:/=+-@", ""},
		{strings.Repeat("é", 128), strings.Repeat("é", 256), ""},
		{strings.Repeat("é", 129), "", "has 129 characters, not 1 to 128"},
		{"", "v", "has 0 characters, not 1 to 128"},
		{"k", strings.Repeat("v", 257), "has 257 characters; the most is 256"},
		{"AwS:k", "", "begins with aws:, which is reserved"},
		{"k", "aWs:v", "begins with aws:, which is reserved"},
		{"Headrace:k", "", "begins with headrace:, which is reserved"},
		{"k", "HEADRACE:v", "begins with headrace:, which is reserved"},
		{"laws:k", "my aws:v", ""},
		{"k!", "", "has the character '!'"},
		{"k", "a,b", "has the character ','"},
		{"k", "\xff", "has the character"},
		{"k", "\x00", "has the character"},
		{"k", "two\nlines", `has the character '\n'`},
		{"k\t", "", `has the character '\t'`},
		{"k", "a\u2028b", `has the character '\u2028'`},
		{"k", "a\u0085b", `has the character '\u0085'`},
		{"k", "a\u202eb", `has the character '\u202e'`},
	} {
		err := command.CheckTags("tags", map[string]string{c.key: c.value})
		if c.said == "" && err != nil || c.said != "" && (!errs.Is(err, errs.Invalid) || !strings.Contains(err.Error(), c.said)) {
			t.Errorf("%.20q=%.20q gives %v, expected %q", c.key, c.value, err, c.said)
		}
	}
}
