package explanation

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/resource"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
	"github.com/headrace/headrace/scheduler"
	"github.com/headrace/headrace/server/command"
)

// plan is what a scheduler left waiting: by id of run or application.
type plan map[string]scheduler.Wait

func (p plan) Explain(run string) (scheduler.Wait, bool) {
	w, ok := p[run]
	return w, ok
}
func (p plan) Promise(string) (scheduler.Promise, bool) { return scheduler.Promise{}, false }

func (p plan) ExplainApplication(id string) (scheduler.Wait, bool) { return p.Explain(id) }

var noon = time.Date(2030, 1, 1, 12, 0, 0, 0, time.UTC)

// world has two zones with a node each, and one that is lost; a is an application with a pool of two drivers, b has
// none.
func world() *state.Tx {
	tx := state.New().Begin()
	for id, zone := range map[string]string{"n1": "zone-a", "n2": "zone-b"} {
		tx.PutNode(state.Node{ID: id, Name: id, Zone: zone, State: state.NodeReady})
	}
	tx.PutNode(state.Node{ID: "n3", Name: "n3", Zone: "zone-b", State: state.NodeLost})
	a := state.Application{ID: "a", State: state.ApplicationStarted}
	a.Decide(pooled())
	tx.PutApplication(a)
	tx.PutApplication(state.Application{ID: "b", State: state.ApplicationStarted})
	return tx
}

// pooled says of an application that it holds two drivers ready, and runs two runs at once.
func pooled() *specv1.Application {
	size := specv1.WorkerSize_builder{
		MilliCpu: new(int64(1000)),
		DiskType: specv1.DiskType_DISK_TYPE_STANDARD.Enum(),
	}.Build()
	drivers := specv1.InitialCapacity_builder{WorkerCount: new(int64(2)), WorkerSize: size}.Build()
	return specv1.Application_builder{
		Engine:       specv1.Engine_ENGINE_SPARK.Enum(),
		Architecture: specv1.Architecture_ARCHITECTURE_ARM64.Enum(),
		Scheduler: specv1.Scheduler_builder{
			MaxConcurrentRuns:   new(uint32(2)),
			QueueTimeoutMinutes: new(int64(60)),
		}.Build(),
		InitialCapacity: map[string]*specv1.InitialCapacity{"DRIVER": drivers},
	}.Build()
}

func cpus(n int64) state.Size {
	return state.Size{Vector: resource.Vector{MilliCPU: n * 1000}, Disk: resource.DiskStandard}
}

func run(tx *state.Tx, application, id string, is state.JobRunState) {
	tx.PutJobRun(
		state.JobRun{ID: id, Application: application, State: is, Attempt: 1, Entered: noon, Release: "emr-7.2.0"},
	)
}

// holds has a run hold some CPU on a node.
func holds(tx *state.Tx, application, id, node string, n int64) {
	worker := fmt.Sprint(id, "-", node)
	tx.PutWorker(
		state.Worker{
			ID:          worker,
			Run:         id,
			Application: application,
			Attempt:     1,
			Node:        node,
			State:       state.WorkerRunning,
			Size:        cpus(n),
		},
	)
	tx.PutSlot(state.Slot{ID: worker, Application: application, Node: node, Size: cpus(n), Worker: worker})
}

func explain(view *state.View, id string, p plan) Explanation {
	return Of(Source{View: view, Run: view.JobRun(id), Plan: p, Limits: command.DefaultLimits()})
}

// want holds that an explanation is of a kind, names its holders in order, and says these words.
func want(t *testing.T, e Explanation, kind scheduler.WaitKind, holders string, said ...string) {
	t.Helper()
	var names []string
	for _, h := range e.Holders {
		names = append(names, fmt.Sprintf("%s/%s %d", h.Application, h.Run, h.Holds.MilliCPU/1000))
	}
	if got := strings.Join(names, ", "); e.Kind != kind || got != holders {
		t.Errorf("%s held by %q; expected %s held by %q", e.Kind, got, kind, holders)
	}
	for _, words := range said {
		if !strings.Contains(e.Message+"\n"+e.NextStep, words) {
			t.Errorf("%q and %q do not say %q", e.Message, e.NextStep, words)
		}
	}
}

func TestOf_SubmittedNamesWhatItsApplicationMisses(t *testing.T) {
	tx := world()
	run(tx, "a", "r", state.RunSubmitted)
	run(tx, "b", "other", state.RunRunning)
	holds(tx, "b", "other", "n2", 6)
	tx.PutSlot(state.Slot{ID: "s1", Application: "a", Node: "n1", Size: cpus(1), Type: state.TypeDriver, Ready: true})
	view := tx.Commit()
	as := func(s state.ApplicationState) *state.View {
		tx := view.Begin()
		a := *view.Application("a")
		a.State = s
		tx.PutApplication(a)
		return tx.Commit()
	}
	missing := plan{"a": {Application: "a", Kind: scheduler.WaitNoRoom, Message: "no zone has room for 1 slot"}}
	want(
		t,
		explain(as(state.ApplicationStarting), "r", missing),
		NotStarted,
		"b/other 6, a/ 1",
		"a, is STARTING",
		"1 of 2 DRIVER",
		"no zone has room for 1 slot",
		"headrace job-run cancel b other",
		"2030-01-01T12:15:00Z",
	)
	want(
		t,
		explain(as(state.ApplicationStarting), "r", nil),
		NotStarted,
		"",
		"1 of 2 DRIVER",
		"headrace application get a",
	)
	want(t, explain(as(state.ApplicationStopping), "r", nil), NotStarted, "", "STOPPING", "starts again", "1 vCPU")
	want(t, explain(as(state.ApplicationStopped), "r", nil), NotStarted, "", "headrace application start a")
}

func TestOf_QueuedNamesPositionAndPlaces(t *testing.T) {
	tx := world()
	run(tx, "a", "r1", state.RunPending)
	run(tx, "a", "r2", state.RunRunning)
	run(tx, "b", "r3", state.RunRunning)
	run(tx, "a", "r4", state.RunQueued)
	run(tx, "a", "r5", state.RunQueued)
	run(tx, "a", "r6", state.RunQueued)
	holds(tx, "a", "r2", "n1", 4)
	holds(tx, "b", "r3", "n1", 4)
	view := tx.Commit()
	want(
		t,
		explain(view, "r5", nil),
		Queued,
		"a/r2 4, a/r1 0",
		"number 2 of 3",
		"application a",
		"may run 2 at once and runs 2",
		"2030-01-01T13:00:00Z",
		"headrace job-run cancel a r2",
		"--max-concurrent-runs",
	)
	want(t, explain(view, "r4", nil), Queued, "a/r2 4, a/r1 0", "number 1 of 3")
}

// waits has the run r of application a wait, while it, others and a pool hold something everywhere.
func waits(is state.JobRunState) *state.View {
	tx := world()
	run(tx, "a", "r", is)
	run(tx, "a", "r1", state.RunRunning)
	run(tx, "b", "r2", state.RunRunning)
	holds(tx, "a", "r", "n1", 32)
	holds(tx, "a", "r1", "n1", 3)
	holds(tx, "b", "r2", "n1", 1)
	holds(tx, "b", "r2", "n2", 5)
	holds(tx, "b", "r2", "n3", 7)
	tx.PutSlot(state.Slot{ID: "s1", Application: "a", Node: "n2", Size: cpus(2), Type: state.TypeDriver, Ready: true})
	tx.PutAttempt(state.Attempt{Run: "r", Number: 1, State: state.AttemptWaiting})
	return tx.Commit()
}

// A node that could help and waits for an operator is mentioned, to those whom a node can help.
func TestOf_MentionsNodesThatAreNotApproved(t *testing.T) {
	tx := waits(state.RunPending).Begin()
	for _, id := range []string{"n9", "n8"} {
		tx.PutNode(state.Node{ID: id, Name: "new-" + id, Zone: "zone-c", State: state.NodeNotApproved, HeldBack: true})
	}
	view := tx.Commit()
	waiting := func(kind scheduler.WaitKind) Explanation {
		return explain(view, "r", plan{"r": {Run: "r", Kind: kind}})
	}
	want(
		t,
		waiting(scheduler.WaitNoNodes),
		scheduler.WaitNoNodes,
		"",
		"yet to approve are not used: 2",
		"headrace node approve new-n8",
	)
	if e := waiting(scheduler.WaitApplicationLimit); strings.Contains(e.Message+e.NextStep, "approve") {
		t.Errorf("a run that waits for its application's limit is told of nodes: %q, %q", e.Message, e.NextStep)
	}
}

func TestOf_WaitingNamesThoseWhoHoldWhatItWaitsFor(t *testing.T) {
	view := waits(state.RunPending)
	for kind, c := range map[scheduler.WaitKind]struct {
		holders string
		said    []string
	}{
		scheduler.WaitApplicationLimit: {
			"a/r1 3, a/ 2",
			[]string{
				"headrace job-run cancel a r1", "headrace application update a", "--max-cpu", "2030-01-01T18:00:00Z",
			},
		},
		scheduler.WaitAccountQuota: {
			"b/r2 13, a/r1 3, a/ 2",
			[]string{"account_vcpu_quota", "headrace application stop", "headrace job-run cancel b r2"},
		},
		scheduler.WaitNoRoom: {"b/r2 6, a/r1 3, a/ 2", []string{
			"headrace job-run cancel b r2", "headrace agent",
		}},
		scheduler.WaitNoNodes: {"", []string{"headrace agent", "headrace node list"}},
		scheduler.WaitRelease: {"", []string{
			"headrace release fetch emr-7.2.0", "headrace release add emr-7.2.0",
		}},
		scheduler.WaitArchitecture: {"", []string{"architecture ARM64", "headrace node list"}},
		scheduler.WaitTooLarge:     {"", []string{"headrace job-run cancel a r"}},
		scheduler.WaitNextPlan:     {"", []string{"headrace job-run get a r"}},
		"BACK_OFF":                 {"", []string{"headrace job-run get a r"}},
	} {
		e := explain(view, "r", plan{"r": {Run: "r", Kind: kind, Message: "there is a reason"}})
		t.Run(string(kind), func(t *testing.T) { want(t, e, kind, c.holders, append(c.said, "there is a reason")...) })
	}
}

// A run that grows stays in its zone, so only those in it are in its way.
func TestOf_GrowingNamesThoseInItsZone(t *testing.T) {
	tx := waits(state.RunRunning).Begin()
	tx.PutAttempt(state.Attempt{Run: "r", Number: 1, State: state.AttemptRunning, Zone: "zone-b"})
	e := explain(tx.Commit(), "r", plan{"r": {Run: "r", Kind: scheduler.WaitNoRoom, Message: "needs 2 more workers"}})
	want(t, e, scheduler.WaitNoRoom, "b/r2 5, a/ 2", "needs 2 more workers")
	if strings.Contains(e.Message, "it fails") {
		t.Errorf("a run that runs is said to fail: %q", e.Message)
	}
}

func TestOf_NamesTheTenLargest(t *testing.T) {
	tx := world()
	run(tx, "a", "r", state.RunPending)
	for i := range 12 {
		id := fmt.Sprintf("h%02d", i)
		run(tx, "b", id, state.RunRunning)
		holds(tx, "b", id, "n1", int64(1+i%4))
	}
	e := explain(tx.Commit(), "r", plan{"r": {Run: "r", Kind: scheduler.WaitAccountQuota}})
	want(
		t,
		e,
		scheduler.WaitAccountQuota,
		"b/h03 4, b/h07 4, b/h11 4, b/h02 3, b/h06 3, b/h10 3, b/h01 2, b/h05 2, b/h09 2, b/h00 1",
	)
}

func TestOf_WhatDoesNotWaitSaysWhatItDoes(t *testing.T) {
	stale := plan{"r": {Run: "r", Kind: Queued, Message: "an older plan"}}
	for is, c := range map[state.JobRunState]struct {
		kind scheduler.WaitKind
		said string
	}{
		state.RunPending:    {scheduler.WaitNextPlan, "next plan"},
		state.RunScheduled:  {"", "fetch what they need"},
		state.RunRunning:    {"", "its driver runs"},
		state.RunCancelling: {"", "being cancelled"},
		state.RunSuccess:    {"", "it is over"},
	} {
		tx := world()
		run(tx, "a", "r", is)
		want(t, explain(tx.Commit(), "r", stale), c.kind, "", c.said)
	}
}
