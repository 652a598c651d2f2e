package placement

import (
	"slices"
	"testing"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/resource"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
	"github.com/headrace/headrace/scheduler"
	"github.com/headrace/headrace/server/command"
)

// executorSize is that of slots which serve the executors of the tests' runs.
var executorSize = state.Size{
	Vector: resource.Vector{MilliCPU: 4000, MemoryMiB: 30 << 10, DiskMiB: 20 << 10},
	Disk:   resource.DiskStandard,
}

// executors is initial capacity of so many of them.
func executors(count int64) map[string]*specv1.InitialCapacity {
	size := specv1.WorkerSize_builder{
		MilliCpu:  &executorSize.MilliCPU,
		MemoryMib: &executorSize.MemoryMiB,
		DiskMib:   &executorSize.DiskMiB,
	}.Build()
	return map[string]*specv1.InitialCapacity{
		"Executor": specv1.InitialCapacity_builder{WorkerCount: &count, WorkerSize: size}.Build(),
	}
}

// warm creates an application with executors held ready, and starts it.
func (w *world) warm(count int64, change func(*specv1.Application_builder)) string {
	w.t.Helper()
	application := w.application(func(b *specv1.Application_builder) {
		b.InitialCapacity = executors(count)
		if change != nil {
			change(b)
		}
	})
	w.do((&command.StartApplication{ApplicationID: application}).Decide)
	return application
}

// reserve gives an application's slots to a node, as a plan would, and tells whether each is ready.
func (w *world) reserve(application, node string, count uint32, ready bool) {
	w.t.Helper()
	w.do((&command.ReserveSlots{
		ApplicationID: application,
		Type:          state.TypeExecutor,
		Shares: []command.Share{{
			Node:  node,
			Count: count,
		}},
	}).Decide)
	report := &command.ReportSlots{Node: node}
	for slot := range w.View().PoolOfNode(node) {
		report.Statuses = append(report.Statuses, command.SlotStatus{SlotID: slot.ID, Ready: ready})
	}
	w.do(report.Decide)
}

func TestBuild_AsksForMissingSlotsWithoutAnyRun(t *testing.T) {
	w := newWorld(t)
	w.node("n1")
	if b, _ := w.plan(); !b.Idle() {
		t.Fatalf("an empty cluster asks for %+v", b.Input)
	}
	application := w.warm(3, nil)
	w.avoided.Refused(application, "n1", w.now)
	b, _ := w.plan()
	if len(b.Input.Applications) != 1 || len(b.Input.Nodes) != 1 {
		t.Fatalf("%d applications and %d nodes are planned on", len(b.Input.Applications), len(b.Input.Nodes))
	}
	want := scheduler.Pool{
		Role: scheduler.Role(state.TypeExecutor), Size: executorSize, Count: 3,
		Needs: scheduler.Needs{Release: "emr-7.2.0", Architecture: "X86_64", Avoid: []string{"n1"}},
	}
	got := b.Input.Applications[0].Pools
	if len(got) != 1 || got[0].Role != want.Role || got[0].Size != want.Size || got[0].Count != 3 ||
		got[0].Needs.Release != want.Needs.Release ||
		!slices.Equal(got[0].Needs.Avoid, want.Needs.Avoid) {
		t.Errorf("the pools are %+v, not %+v", got, want)
	}
}

// Slots that are held, ready or not, are not asked for again; one that goes is, and a stopped application asks for
// none.
func TestBuild_AsksUntilTheSlotsAreHeld(t *testing.T) {
	w := newWorld(t)
	w.node("n1")
	application := w.warm(3, nil)
	w.reserve(application, "n1", 2, false)
	if b, _ := w.plan(); b.Idle() || len(b.Input.Slots) != 2 || b.Input.Slots[0].Free {
		t.Errorf("with two of three it asks for %+v", b.Input)
	}
	w.reserve(application, "n1", 1, true)
	if b, _ := w.plan(); !b.Idle() {
		t.Errorf("with all it asks for %+v", b.Input)
	}
	slot := slices.Collect(w.View().PoolOfApplication(application))[0]
	w.do((&command.ReportSlots{
		Node: "n1",
		Statuses: []command.SlotStatus{{
			SlotID: slot.ID,
			Error:  "the disk is full",
		}},
	}).Decide)
	if b, _ := w.plan(); b.Idle() || len(b.Input.Slots) != 2 || !b.Input.Slots[0].Free {
		t.Errorf("with one given up it asks for %+v", b.Input)
	}
	w.do((&command.StopApplication{ApplicationID: application}).Decide)
	if b, _ := w.plan(); !b.Idle() {
		t.Errorf("stopped it asks for %+v", b.Input)
	}
}

func TestNote_ARefusedReservationIsSkippedUntilTheStateChanges(t *testing.T) {
	w := newWorld(t)
	w.node("n1")
	application := w.warm(1, nil)
	refused := &proposed{id: application, answer: errs.New(errs.Refused, "no room")}
	w.p.note(t.Context(), refused, w.View().Sequence, w.memory)
	if b, _ := w.plan(); !b.Idle() || w.p.Refused() != 1 {
		t.Errorf("%d refusals; asks again on the same state for %+v", w.p.Refused(), b.Input)
	}
	w.node("n2")
	if b, _ := w.plan(); b.Idle() {
		t.Error("it does not ask again when the state has changed")
	}
}

func TestExplainApplication_SaysWhySlotsAreMissing(t *testing.T) {
	w := newWorld(t)
	application := w.warm(1, nil)
	w.plan()
	if wait, ok := w.p.ExplainApplication(application); !ok || wait.Kind != scheduler.WaitNoNodes ||
		wait.Message == "" {
		t.Errorf("its slots wait for %+v", wait)
	}
	if _, ok := w.p.ExplainApplication("another"); ok {
		t.Error("an application that is not there waits")
	}
}

// A hundred thousand runs may queue: what they wait for is seen in the view, and costs no plan anything.
func TestBuild_LeavesOutRunsThatAreSubmittedOrQueued(t *testing.T) {
	w := newWorld(t)
	w.node("n1")
	application := w.warm(2, func(b *specv1.Application_builder) {
		b.Scheduler = specv1.Scheduler_builder{MaxConcurrentRuns: new(uint32(1))}.Build()
	})
	first := w.submit(application, "", nil)
	w.submit(application, "", nil)
	if b, _ := w.plan(); len(b.Waits)+len(b.Input.Waiting) != 0 {
		t.Errorf("while it starts: %+v, %+v", b.Waits, b.Input.Waiting)
	}
	w.reserve(application, "n1", 2, true)
	if b, _ := w.plan(); len(b.Waits) != 0 || len(b.Input.Waiting) != 1 || b.Input.Waiting[0].Run != first {
		t.Errorf("once it is started: %+v, %+v", b.Waits, b.Input.Waiting)
	}
}

func TestBuild_TellsTheQuota(t *testing.T) {
	w := newWorld(t)
	w.node("n1")
	w.p.cfg.Limits.AccountCPU = 50_000
	application := w.warm(3, nil)
	w.reserve(application, "n1", 2, true)
	if b, _ := w.plan(); b.Input.AccountCPU != 50_000 || b.Input.AccountUsed != 8000 {
		t.Errorf("%d of %d thousandths are used", b.Input.AccountUsed, b.Input.AccountCPU)
	}
}
