package command_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/headrace/headrace/fsm"
	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/resource"
	eventv1 "github.com/headrace/headrace/proto/headrace/event/v1"
	"github.com/headrace/headrace/server/command"
)

// world is a state with what decisions need beside it. Tests bring it where they want it with given, and then ask when.
type world struct {
	t          *testing.T
	view       *state.View
	now        time.Time
	made       int
	logVersion uint32 // that all servers know
	limits     command.Limits
}

type decision interface {
	Decide(view *state.View, meta command.Meta) ([]*eventv1.Event, error)
}

// newWorld has the nodes n1 and n2 in zone a and n3 in zone b, of 8 vCPU each, and the started application app.
func newWorld(t *testing.T) *world {
	w := &world{
		t:      t,
		view:   state.New(),
		now:    time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC),
		limits: command.DefaultLimits(),

		logVersion: 2,
	}
	w.given(node("n1", "a"), node("n2", "a"), node("n3", "b"))
	w.given(create("app"), &command.StartApplication{ApplicationID: "app"})
	return w
}

// NewID counts.
func (w *world) NewID() string {
	w.made++
	return fmt.Sprintf("w%d", w.made)
}

// named gives one name, and then counts.
type named struct {
	*world
	name string
}

// NewID returns the name once.
func (n *named) NewID() string {
	if id := n.name; id != "" {
		n.name = ""
		return id
	}
	return n.world.NewID()
}

// when decides, without changing the world.
func (w *world) when(d decision) ([]*eventv1.Event, error) {
	w.t.Helper()
	ids := &named{world: w}
	switch c := d.(type) {
	case *command.CreateApplication:
		ids.name = c.Spec.GetName()
	case *command.StartJobRun:
		ids.name = c.Spec.GetName()
	}
	return d.Decide(w.view, command.Meta{Now: w.now, IDs: ids, Limits: w.limits, LogVersion: w.logVersion})
}

// given decides and applies, checking all invariants after every event.
func (w *world) given(ds ...decision) {
	w.t.Helper()
	for _, d := range ds {
		events, err := w.when(d)
		if err != nil {
			w.t.Fatalf("cannot bring the world there: %T: %v", d, err)
		}
		w.apply(events)
	}
}

func (w *world) apply(events []*eventv1.Event) {
	w.t.Helper()
	sequence := w.view.Sequence + 1
	for _, event := range events {
		w.view = fsm.ApplyEvents(w.view,
			&eventv1.Record{Sequence: sequence, TimeUnixNano: state.Nano(w.now), Events: []*eventv1.Event{event}})
		if err := w.view.Check(); err != nil {
			w.t.Fatalf("after %v: %v", event, err)
		}
	}
}

// then decides, applies, and holds that these kinds of event followed, in order, named as their messages are.
func (w *world) then(d decision, kinds ...string) {
	w.t.Helper()
	events, err := w.when(d)
	if err != nil {
		w.t.Fatalf("%T is refused: %v", d, err)
	}
	var got []string
	for _, event := range events {
		m := event.ProtoReflect()
		got = append(got,
			string(m.Get(m.WhichOneof(m.Descriptor().Oneofs().ByName("fact"))).Message().Descriptor().Name()))
	}
	if !slices.Equal(got, kinds) {
		w.t.Fatalf("%T gives %v, not %v", d, got, kinds)
	}
	w.apply(events)
}

// refuses holds that the decision is refused with a kind and these words.
func (w *world) refuses(d decision, kind errs.Kind, said string) {
	w.t.Helper()
	events, err := w.when(d)
	if !errs.Is(err, kind) || !strings.Contains(err.Error(), said) || len(events) != 0 {
		w.t.Errorf("%T gives %d events and %v; expected %s with %q", d, len(events), err, kind, said)
	}
}

func node(id, zone string) *command.RegisterNode {
	return &command.RegisterNode{Node: state.Node{
		ID:           id,
		Name:         id,
		Zone:         zone,
		Host:         id,
		Capacity:     gib(8, 32, 200),
		Architecture: "X86_64",
	}}
}

func gib(cpu, memory, disk int64) resource.Vector {
	return resource.Vector{MilliCPU: cpu * 1000, MemoryMiB: memory << 10, DiskMiB: disk << 10}
}

// place proposes the driver on a node in zone a, and each further node once per mention for a worker.
func place(run string, attempt uint32, driver string, nodes ...string) *command.Place {
	c := &command.Place{JobRunID: run, Attempt: attempt, Zone: "a", Driver: driver}
	slices.Sort(nodes)
	for i, n := range nodes {
		if i > 0 && nodes[i-1] == n {
			c.Shares[len(c.Shares)-1].Count++
		} else {
			c.Shares = append(c.Shares, command.Share{Node: n, Count: 1})
		}
	}
	return c
}

// worker returns the newest worker with a number in a run's newest attempt.
func (w *world) worker(run string, number uint32) *state.Worker {
	w.t.Helper()
	worker := w.view.NewestWorker(run, w.view.JobRun(run).Attempt, number)
	if worker == nil {
		w.t.Fatalf("run %s has no worker %d", run, number)
	}
	return worker
}

func running(worker *state.Worker) *command.ReportWorkers {
	return &command.ReportWorkers{
		Node:     worker.Node,
		Statuses: []command.WorkerStatus{{WorkerID: worker.ID, Epoch: worker.Epoch, Running: true}},
	}
}

func exited(worker *state.Worker, exit state.Exit) *command.ReportWorkers {
	return &command.ReportWorkers{
		Node:     worker.Node,
		Statuses: []command.WorkerStatus{{WorkerID: worker.ID, Epoch: worker.Epoch, Exit: &exit}},
	}
}

var (
	well    = state.Exit{Reason: state.ExitExited}
	badly   = state.Exit{Reason: state.ExitExited, Code: 1}
	stopped = state.Exit{Reason: state.ExitStopped, Code: 143}
	full    = state.Exit{Reason: state.ExitStartRefused, Message: "the disk is full"}
)

// runs brings a run with its workers on n1 to RUNNING.
func (w *world) runs(id string, tasks uint32, change ...func(*command.StartJobRun)) {
	w.t.Helper()
	w.given(submit(id, tasks, change...))
	w.again(id)
}

// again places the newest attempt of a run on n1 and lets it run.
func (w *world) again(id string) {
	w.t.Helper()
	run := w.view.JobRun(id)
	w.given(place(id, run.Attempt, "n1", slices.Repeat([]string{"n1"}, int(run.Shape.Initial))...))
	w.given(running(w.worker(id, 0)))
}

func (w *world) wantRun(id string, s state.JobRunState, said string) {
	w.t.Helper()
	run := w.view.JobRun(id)
	if run.State != s || !strings.Contains(run.Failure.Message, said) {
		w.t.Errorf("run %s is %s with %q; expected %s with %q", id, run.State, run.Failure.Message, s, said)
	}
}
