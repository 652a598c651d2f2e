package attack

import (
	"context"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/headrace/headrace/internal/printable"
	"github.com/headrace/headrace/internal/testcluster"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
)

// A name with characters that act on a terminal is taken nowhere: nothing by that name is there afterwards.
func TestWhoTerminal_NamesThatAct(t *testing.T) {
	if !apart(t) {
		return
	}
	w := newWhoWorld(t)
	w.submits()
	before := w.picture()
	ctx := testcluster.Within(t)
	texts := []string{"\x1b[2J", "\x00", "\x7f", "\u009b31m", "\u202egpj", "\u2066", "\u2028", "a\nb", "a\tb"}
	for _, acts := range texts {
		for _, s := range w.cluster.Servers {
			eve := w.eve(s)
			olga := w.olga(s)
			creates := func(spec *specv1.Application) error {
				return second(eve.CreateApplication(ctx, &controlv1.CreateApplicationRequest{Spec: spec}))
			}
			starts := func(spec *specv1.JobRun) error {
				return second(eve.StartJobRun(ctx, &controlv1.StartJobRunRequest{ApplicationId: w.application, Spec: spec}))
			}
			named := processRun(work(nil))
			variable := processRun(work(map[string]string{acts: "v"}))
			named.SetName(acts)
			typed := processSpec("x")
			typed.SetInitialCapacity(map[string]*specv1.InitialCapacity{acts: {}})
			for what, err := range map[string]error{
				"name":    creates(processSpec(acts)),
				"release": creates(applicationSpec("x", specv1.Engine_ENGINE_SPARK, acts)),
				"type":    creates(typed),
				"tag": second(eve.TagResource(ctx, &controlv1.TagResourceRequest{
					ApplicationId: w.application,
					Tags:          map[string]string{acts: "v"},
				})),
				"value": second(eve.TagResource(ctx, &controlv1.TagResourceRequest{
					ApplicationId: w.application,
					Tags:          map[string]string{"k": acts},
				})),
				"run":      starts(named),
				"user":     second(olga.CreateAccessKey(ctx, &controlv1.CreateAccessKeyRequest{User: acts})),
				"label":    second(uploads(ctx, olga, whoHeader(acts, "x"), []byte("x"))),
				"variable": starts(variable),
			} {
				if err == nil || printable.Check(err.Error()) != "" {
					t.Errorf("%q as a %s on %s: %q", acts, what, s.ID(), err)
				}
			}
		}
	}
	w.unmoved(before)
}

// work is a program with variables.
func work(variables map[string]string) *specv1.Process {
	return specv1.Process_builder{Command: []string{"work"}, Environment: variables}.Build()
}

// own are the sequences that commands write themselves.
var own = regexp.MustCompile("\r\x1b\\[K|\x1b\\[3[0-9]m|\x1b\\[0m")

// What a program says, in its log, its last words and its arguments, acts on no terminal of those who look at it.
func TestWhoTerminal_TextsThatAct(t *testing.T) {
	if !apart(t) {
		return
	}
	w := newWhoWorld(t)
	w.submits()
	w.ends()
	s := w.cluster.Follower()
	w.olga(s)
	workers, err := w.olga(s).ListWorkers(testcluster.Within(t), &controlv1.ListWorkersRequest{
		ApplicationId: w.application,
		JobRunId:      w.run,
	})
	w.must(err)
	shown := 0
	for _, line := range [][]string{
		{"job-run", "get", w.application, w.run},
		{"job-run", "get", w.application, w.run, "-o", "json"},
		{"job-run", "list", w.application},
		{"job-run", "attempts", w.application, w.run},
		{"job-run", "explain", w.application, w.run},
		{"job-run", "logs", w.application, w.run},
		{"job-run", "wait", w.application, w.run},
		{"job-run", "clone", w.application, w.run, "--name", "again"},
		{"worker", "list", w.application, w.run},
		{"worker", "get", workers.GetWorkers()[0].GetWorkerId()},
		{"node", "get", "n1"},
		{"node", "list"},
		{"events", "--from", "1.0"},
	} {
		ctx, cancel := context.WithTimeout(testcluster.Within(t), 20*time.Second)
		if line[0] == "events" {
			ctx, cancel = context.WithTimeout(testcluster.Within(t), time.Second)
		}
		text := own.ReplaceAllString(w.commands(ctx, s, "olga", line...), "")
		cancel()
		if seen := printable.Escape(text, "\n\t"); seen != text {
			t.Errorf("%v lets act: %s", line, seen)
		}
		shown += strings.Count(text, "owned")
	}
	if shown < 4 {
		t.Errorf("the text was shown %d times", shown)
	}
}
