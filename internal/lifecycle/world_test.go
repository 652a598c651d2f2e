package lifecycle

import (
	"fmt"
	"slices"
	"time"

	"pgregory.net/rapid"

	"github.com/headrace/headrace/fsm"
	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/resource"
	eventv1 "github.com/headrace/headrace/proto/headrace/event/v1"
	"github.com/headrace/headrace/server/command"
)

// world holds the real state machine beside the model.
type world struct {
	*model
	t      *rapid.T
	view   *state.View
	limits command.Limits
	made   int
}

type decision interface {
	Decide(view *state.View, meta command.Meta) ([]*eventv1.Event, error)
}

// NewID counts; ids sort by age.
func (w *world) NewID() string {
	w.made++
	return fmt.Sprintf("id%06d", w.made)
}

// nodes are large enough for everything, and all in one zone: room is not what is tested here.
var nodes = []string{"n1", "n2", "n3", "n4"}

func newWorld(t *rapid.T) *world {
	w := &world{
		t: t, view: state.New(), limits: command.DefaultLimits(),
		model: &model{now: time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC), lost: map[string]bool{}},
	}
	for _, n := range nodes {
		w.offer(n)
	}
	return w
}

func (w *world) offer(node string) {
	large := resource.Vector{MilliCPU: 1e9, MemoryMiB: 1e9, DiskMiB: 1e9}
	w.accepted(&command.RegisterNode{Node: state.Node{
		ID:           node,
		Name:         node,
		Zone:         "a",
		Host:         node,
		Capacity:     large,
		Architecture: "X86_64",
	}})
	delete(w.lost, node)
}

// decide puts a decision to the real state machine and checks all invariants after every event.
func (w *world) decide(d decision) error {
	events, err := d.Decide(w.view, command.Meta{Now: w.now, IDs: w, Limits: w.limits, LogVersion: 2})
	if err != nil {
		return err
	}
	sequence := w.view.Sequence + 1
	for _, event := range events {
		w.view = fsm.ApplyEvents(w.view, &eventv1.Record{
			Sequence:     sequence,
			TimeUnixNano: state.Nano(w.now),
			Events:       []*eventv1.Event{event},
		})
		if err := w.view.Check(); err != nil {
			w.t.Fatalf("%T: after %v: %v", d, event, err)
		}
	}
	return nil
}

// accepted holds that a decision is made.
func (w *world) accepted(d decision) {
	if err := w.decide(d); err != nil {
		w.t.Fatalf("%T is refused, and the model accepts it: %v", d, err)
	}
}

// refused holds that a decision is refused, as the model says.
func (w *world) refused(d decision, kind errs.Kind) {
	if err := w.decide(d); !errs.Is(err, kind) {
		w.t.Fatalf("%T gives %v, and the model refuses it as %s", d, err, kind)
	}
}

// worker returns the real worker behind one of the model.
func (w *world) worker(r *run, of *worker) *state.Worker {
	// The live worker with this number may belong to an older attempt.
	for real := range w.view.LiveWorkersOfRun(r.id) {
		if int(real.Number) == of.number && real.Node == of.node {
			return real
		}
	}
	w.t.Fatalf("run %s has no live worker %d on %s", r.id, of.number, of.node)
	return nil
}

func (w *world) report(r *run, of *worker, exit *state.Exit) *command.ReportWorkers {
	real := w.worker(r, of)
	return &command.ReportWorkers{
		Node:     real.Node,
		Statuses: []command.WorkerStatus{{WorkerID: real.ID, Epoch: real.Epoch, Running: exit == nil, Exit: exit}},
	}
}

// compare holds that both say the same of everything.
func (w *world) compare() {
	for _, a := range w.applications {
		w.compareApplication(a, w.view.Application(a.id))
	}
	for _, r := range w.runs {
		w.compareRun(r, w.view.JobRun(r.id))
	}
}

func (w *world) compareApplication(a *application, real *state.Application) {
	if real.State != a.state || real.StartAgain != a.again {
		w.t.Fatalf(
			"application %s is %s (again %t); the model says %s (again %t)",
			a.id,
			real.State,
			real.StartAgain,
			a.state,
			a.again,
		)
	}
	var got, want []string
	for s := range w.view.PoolOfApplication(a.id) {
		got = append(got, fmt.Sprint(s.ID, s.Type, s.Node, s.Ready, s.Worker != ""))
	}
	for _, s := range a.slots {
		want = append(want, fmt.Sprint(s.id, s.role, s.node, s.ready, s.taken))
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		w.t.Fatalf("application %s has slots %v; the model says %v", a.id, got, want)
	}
}

func (w *world) compareRun(r *run, real *state.JobRun) {
	attempt := w.view.Attempt(r.id, real.Attempt)
	if real.State != r.state || int(real.Attempt) != r.attempt || !real.Started.Equal(r.started) ||
		!real.Entered.Equal(r.entered) ||
		attempt.State.Active() != r.active {
		w.t.Fatalf(
			"run %s is %s, attempt %d (%s), since %s, started %s; the model says %s, %d, active %t, %s, %s",
			r.id,
			real.State,
			real.Attempt,
			attempt.State,
			real.Entered,
			real.Started,
			r.state,
			r.attempt,
			r.active,
			r.entered,
			r.started,
		)
	}
	if r.state == state.RunPending && !attempt.NotBefore.Equal(r.notBefore) {
		w.t.Fatalf("attempt %d of run %s begins at %s; the model says %s", r.attempt, r.id, attempt.NotBefore, r.notBefore)
	}
	live := 0
	for range w.view.LiveWorkersOfRun(r.id) {
		live++
	}
	if live != len(r.workers) {
		w.t.Fatalf("run %s has %d live workers; the model says %d", r.id, live, len(r.workers))
	}
}
