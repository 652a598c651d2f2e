package placement

import (
	"context"
	"fmt"
	"log/slog"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/headrace/headrace/fsm"
	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/caught"
	"github.com/headrace/headrace/internal/resource"
	"github.com/headrace/headrace/internal/spec"
	eventv1 "github.com/headrace/headrace/proto/headrace/event/v1"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
	"github.com/headrace/headrace/scheduler"
	"github.com/headrace/headrace/server/command"
	"github.com/headrace/headrace/server/consensus"
	"github.com/headrace/headrace/server/demand"
	"github.com/headrace/headrace/server/placement/avoidance"
	"github.com/headrace/headrace/server/placement/proposal"
)

// start is when every test begins.
var start = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

// world is a door in memory whose clock the test moves, and a Placement on it.
type world struct {
	*fsm.Machine
	t       *testing.T
	now     time.Time
	ids     int
	demands *demand.Store
	p       *Placement
	limits  command.Limits
	avoided *avoidance.Store
	memory  *proposal.Memory
	changes []*state.Changes // of all records
	asked   func()           // called when the book is about to follow; may be nil
}

func newWorld(t *testing.T) *world {
	w := &world{
		Machine: fsm.New(),
		t:       t,
		now:     start,
		demands: demand.NewStore(),
		avoided: avoidance.NewStore(),
		limits:  command.DefaultLimits(),
	}
	w.p = New(Config{
		Door:    w,
		Demands: w.demands,
		Avoided: w.avoided,
		Limits:  command.DefaultLimits(),
		Log:     slog.New(slog.DiscardHandler),
		Panics:  caught.New(slog.New(slog.DiscardHandler)),
	})
	w.p.begin()
	w.memory = w.p.book.Memory()
	return w
}

// NewID makes ids in order.
func (w *world) NewID() string {
	w.ids++
	return fmt.Sprintf("%026d", w.ids)
}

// Execute decides and applies at once.
func (w *world) Execute(_ context.Context, decide consensus.Decision) (consensus.Applied, error) {
	view := w.View()
	events, err := decide(view, command.Meta{Now: w.now, IDs: w, Limits: w.limits, LogVersion: 2})
	if err != nil || len(events) == 0 {
		return consensus.Applied{}, err
	}
	if !w.Apply(&eventv1.Record{Sequence: view.Sequence + 1, TimeUnixNano: w.now.UnixNano(), Events: events}) {
		w.t.Fatalf("record %d is void", view.Sequence+1)
	}
	w.changes = append(w.changes, w.View().Changes())
	return consensus.Applied{Sequence: view.Sequence + 1}, nil
}

// ChangesSince knows all changes, unless the state came from a snapshot.
func (w *world) ChangesSince(record uint64) (*state.View, []*state.Changes, bool) {
	if w.asked != nil {
		w.asked()
	}
	view := w.View()
	if view.Sequence != uint64(len(w.changes)) {
		return view, nil, false
	}
	return view, w.changes[record:], true
}

// Now is the test's time.
func (w *world) Now() time.Time { return w.now }

// WaitApplied does not wait.
func (w *world) WaitApplied(context.Context, uint64) error { return nil }

func (w *world) do(decide consensus.Decision) {
	w.t.Helper()
	if _, err := w.Execute(w.t.Context(), decide); err != nil {
		w.t.Fatal(err)
	}
}

// node adds a node with room for everything.
func (w *world) node(name string) {
	w.t.Helper()
	w.do((&command.RegisterNode{Node: state.Node{
		ID:           name,
		Name:         name,
		Zone:         "a",
		Host:         name,
		Architecture: "X86_64",
		Releases:     []string{"emr-7.2.0"},
		Capacity:     resource.Vector{MilliCPU: 1 << 20, MemoryMiB: 1 << 30, DiskMiB: 1 << 30},
	}}).Decide)
}

// application creates an application of Spark that starts by itself and does not stop; change may be nil.
func (w *world) application(change func(*specv1.Application_builder)) string {
	w.t.Helper()
	decided := specv1.Application_builder{
		Name:         new("app"),
		Engine:       new(specv1.Engine_ENGINE_SPARK),
		ReleaseLabel: new("emr-7.2.0"),
		AutoStop:     specv1.AutoStop_builder{Enabled: new(false)}.Build(),
	}
	if change != nil {
		change(&decided)
	}
	create := &command.CreateApplication{Operator: true, Spec: spec.DefaultApplication(decided.Build())}
	w.do(create.Decide)
	return create.ApplicationID
}

// submit submits a Spark run with two executors, of dynamic allocation, with more parameters; change may be nil.
func (w *world) submit(application, parameters string, change func(*specv1.JobRun_builder)) string {
	w.t.Helper()
	const dynamic = "--conf spark.dynamicAllocation.enabled=true --conf spark.dynamicAllocation.minExecutors=0 " +
		"--conf spark.dynamicAllocation.initialExecutors=2 "
	program := specv1.SparkSubmit_builder{
		EntryPoint:            new("file:///x.py"),
		SparkSubmitParameters: new(dynamic + parameters),
	}.Build()
	body := specv1.JobRun_builder{Driver: specv1.JobDriver_builder{SparkSubmit: program}.Build()}
	if change != nil {
		change(&body)
	}
	start := &command.StartJobRun{ApplicationID: application, Spec: spec.DefaultJobRun(body.Build())}
	w.do(start.Decide)
	return start.JobRunID
}

// spark submits a run to an application of its own.
func (w *world) spark() string {
	w.t.Helper()
	return w.submit(w.application(nil), "", nil)
}

// sparkTwice is spark with a second attempt.
func (w *world) sparkTwice() string {
	w.t.Helper()
	return w.submit(w.application(nil), "", func(b *specv1.JobRun_builder) {
		b.RetryPolicy = specv1.RetryPolicy_builder{MaxAttempts: new(uint32(2))}.Build()
	})
}

// report has a worker's node say something of it.
func (w *world) report(worker *state.Worker, exit *state.Exit) {
	w.t.Helper()
	w.do((&command.ReportWorkers{
		Node: worker.Node,
		Statuses: []command.WorkerStatus{{
			WorkerID: worker.ID,
			Epoch:    worker.Epoch,
			Running:  exit == nil,
			Exit:     exit,
		}},
	}).Decide)
}

// plan builds and plans once, now. It does so from nothing, and holds that the book, which only follows what changes,
// is the same and plans the same.
func (w *world) plan() (*proposal.Proposal, scheduler.Output) {
	w.t.Helper()
	from := w.p.follow(w.now)
	b := proposal.Build(from, w.memory)
	if difference := w.p.book.Differs(b); difference != "" {
		w.t.Fatalf("the book is not as the state is: %s", difference)
	}
	if difference := w.p.book.Compare(from, slices.Collect(w.p.book.IDs(from.View))); difference != "" {
		w.t.Fatalf("row by row the book is not as the state is: %s", difference)
	}
	plan := scheduler.Plan(b.Input)
	kept := w.p.book.Cluster().Plan()
	kept.Waits = slices.Collect(w.p.book.Cluster().Waits())
	if !reflect.DeepEqual(kept, plan) {
		w.t.Fatalf("the book's plan is\n%+v\nand one from nothing\n%+v", kept, plan)
	}
	return b, plan
}

// placed counts the workers of a plan's placements, without drivers.
func placed(plan scheduler.Output) (n uint32) {
	for _, p := range plan.Placements {
		n += uint32(len(p.Slots))
		for _, s := range p.Shares {
			n += s.Count
		}
	}
	return n
}

// planOnce plans, proposes, and notes what came of it, now.
func (w *world) planOnce() uint32 {
	w.t.Helper()
	_, plan := w.plan()
	for _, part := range proposedBy(plan) {
		if _, err := w.Execute(w.t.Context(), part.decide); err != nil {
			w.t.Fatal(err)
		}
		if part.placed != nil {
			w.memory.Placed(*part.placed, w.now)
		}
	}
	return placed(plan)
}

// running brings the run's driver to run.
func (w *world) running(run string) {
	w.t.Helper()
	if n := w.planOnce(); n != 2 {
		w.t.Fatalf("the initial set has %d executors, not 2", n)
	}
	w.report(w.View().Driver(run, 1), nil)
}

// die ends n live executors of a run badly.
func (w *world) die(run string, n int) {
	w.t.Helper()
	var statuses []command.WorkerStatus
	node := ""
	for e := range w.View().LiveWorkersOfRun(run) {
		if e.Number != 0 && len(statuses) < n {
			node = e.Node
			statuses = append(statuses, command.WorkerStatus{
				WorkerID: e.ID,
				Epoch:    e.Epoch,
				Exit: &state.Exit{
					Reason: state.ExitExited,
					Code:   1,
				},
			})
		}
	}
	w.do((&command.ReportWorkers{Node: node, Statuses: statuses}).Decide)
}
