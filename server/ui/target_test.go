package ui

import (
	"strings"
	"testing"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/errs"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
	"github.com/headrace/headrace/server/dispatch"
)

// seen is a run with an attempt and its driver, as a state has it.
type seen struct {
	run     state.JobRun
	attempt state.AttemptState
	driver  state.WorkerState // 0: there is none
	lost    bool              // every node is
}

func newSeen() seen {
	return seen{
		run: state.JobRun{
			ID:          "run",
			Application: "app",
			Release:     "emr-7.2.0",
			State:       state.RunRunning,
			Attempt:     3,
			Spec:        specv1.JobRun_builder{Driver: spark()}.Build(),
		},
		attempt: state.AttemptRunning,
	}
}

func spark() *specv1.JobDriver {
	program := specv1.SparkSubmit_builder{EntryPoint: new("file:///x.py")}.Build()
	return specv1.JobDriver_builder{SparkSubmit: program}.Build()
}

func (s seen) view() *state.View {
	tx := state.New().Begin()
	for _, node := range []string{"n1", "n2", "n3", "n4"} {
		row := state.Node{ID: node, Name: node, State: state.NodeReady}
		if node == "n4" {
			row.Releases = []string{"emr-7.2.0"}
		}
		if s.lost {
			row.State = state.NodeLost
		}
		tx.PutNode(row)
	}
	tx.PutJobRun(s.run)
	tx.PutAttempt(state.Attempt{Run: "run", Number: 3, State: s.attempt})
	if s.driver != 0 {
		tx.PutWorker(state.Worker{
			ID:          "w1",
			Run:         "run",
			Application: "app",
			Attempt:     3,
			Type:        state.TypeDriver,
			Node:        "n2",
			State:       s.driver,
		})
	}
	return tx.View()
}

func TestWhere_FollowsTheDriver(t *testing.T) {
	s := newSeen()
	if _, err := where(s.view(), shown, dispatch.OnServers); !errs.Is(err, errs.Unavailable) ||
		!strings.Contains(err.Error(), "explain app run") {
		t.Errorf("before there is a driver: %v", err)
	}
	s.driver = state.WorkerPlaced
	if _, err := where(s.view(), shown, dispatch.OnServers); !errs.Is(err, errs.Unavailable) {
		t.Errorf("before it runs: %v", err)
	}
	s.driver = state.WorkerRunning
	to, err := where(s.view(), shown, dispatch.OnServers)
	if err != nil || !to.live() || to.open.GetWorkerId() != "w1" || len(to.nodes) != 1 || to.nodes[0] != "n2" {
		t.Errorf("while it runs: %v, %v", to, err)
	}
	s.driver = state.WorkerEnded
	s.attempt = state.AttemptSucceeded
	to, err = where(s.view(), shown, dispatch.OnServers)
	history := to.open.GetHistory()
	if err != nil || to.live() || len(to.nodes) != maxTries || to.nodes[0] != "n4" ||
		history.GetLogUri() != "servers:" ||
		history.GetFolder() != "applications/app/jobs/run/attempts/3/sparklogs" ||
		history.GetAttempt() != 3 {
		t.Errorf("afterwards: %v, %v", to, err)
	}
}

func TestWhere_SaysWhyThereIsNothing(t *testing.T) {
	noSpark := specv1.JobRun_builder{Driver: specv1.JobDriver_builder{Process: &specv1.Process{}}.Build()}.Build()
	off := specv1.ManagedPersistence_builder{Enabled: new(false)}.Build()
	noLogs := specv1.JobRun_builder{
		Driver: spark(),
		ConfigurationOverrides: specv1.ConfigurationOverrides_builder{
			Monitoring: specv1.Monitoring_builder{ManagedPersistence: off}.Build(),
		}.Build(),
	}.Build()
	for name, c := range map[string]struct {
		change func(*seen)
		kind   errs.Kind
		says   string
	}{
		"no such run": {func(s *seen) { s.run.Application = "other" }, errs.NotFound, "does not exist"},
		"not Spark":   {func(s *seen) { s.run.Spec = noSpark }, errs.WrongState, "only Spark"},
		"never begun": {func(s *seen) { s.attempt = state.AttemptFailed }, errs.WrongState, "before it had a driver"},
		"nobody keeps logs": {func(s *seen) {
			s.driver = state.WorkerEnded
			s.run.Spec = noLogs
		}, errs.WrongState, "monitoring"},
		"no node": {func(s *seen) { s.driver = state.WorkerEnded; s.lost = true }, errs.Unavailable, "no node"},
	} {
		s := newSeen()
		c.change(&s)
		if _, err := where(s.view(), shown, dispatch.OnServers); !errs.Is(err, c.kind) ||
			!strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A page that people look at while the driver ends is at another path afterwards, and the other way round for old
// links.
func TestTarget_KnowsBothPaths(t *testing.T) {
	live := target{open: &agentv1.OpenUI{WorkerId: "w"}}
	past := target{open: &agentv1.OpenUI{}}
	for _, c := range []struct {
		to    target
		path  string
		there string
		moved bool
	}{
		{live, "/", "/jobs/", true},
		{live, "/stages/stage/", "/stages/stage/", false},
		{live, "/history/run/3/stages/", "/stages/", true},
		{live, "/history/run/3/", "/jobs/", true},
		{past, "/", "/history/run/3/jobs/", true},
		{past, "/stages/", "/history/run/3/stages/", true},
		{past, "/history/run/3/stages/", "/history/run/3/stages/", false},
		{past, "/static/a.js", "/static/a.js", false},
		{past, "/api/v1/applications", "/api/v1/applications", false},
	} {
		if there, moved := c.to.path(c.path, shown); there != c.there || moved != c.moved {
			t.Errorf("%s of %v: %s, %v", c.path, c.to.open, there, moved)
		}
	}
}
