package placement

import (
	"strings"
	"testing"
	"time"

	"github.com/headrace/headrace/fsm/state"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
	"github.com/headrace/headrace/server/command"
)

// prepare makes all slots of an application ready.
func (w *world) prepare(application string) {
	w.t.Helper()
	for slot := range w.View().PoolOfApplication(application) {
		said := []command.SlotStatus{{SlotID: slot.ID, Ready: true}}
		w.do((&command.ReportSlots{Node: slot.Node, Statuses: said}).Decide)
	}
}

// Free slots fill the node. A run of a priority that is 10 higher gets the room of one of them, another of their own
// priority does not.
func TestPlacement_FreeSlotsMakeRoomForAHigherPriority(t *testing.T) {
	w := newWorld(t)
	w.nodeForFour("n1")
	pooled := w.application(func(b *specv1.Application_builder) {
		size := specv1.WorkerSize_builder{
			MilliCpu:  new(int64(4000)),
			MemoryMib: new(int64(16 << 10)),
			DiskMib:   new(int64(20 << 10)),
			DiskType:  specv1.DiskType_DISK_TYPE_STANDARD.Enum(),
		}.Build()
		b.InitialCapacity = map[string]*specv1.InitialCapacity{
			"EXECUTOR": specv1.InitialCapacity_builder{WorkerCount: new(int64(4)), WorkerSize: size}.Build(),
		}
	})
	w.do((&command.StartApplication{ApplicationID: pooled}).Decide)
	w.cycleOnce()
	w.prepare(pooled)
	w.now = w.now.Add(time.Minute)
	usual := w.runs("0")
	if s := w.View().JobRun(usual).State; s != state.RunPending {
		t.Fatalf("a run of the same priority is %s", s)
	}
	high := w.application(func(b *specv1.Application_builder) { b.Priority = new(uint32(60)) })
	run := w.submit(high, "--conf spark.dynamicAllocation.initialExecutors=0", nil)
	w.now = w.now.Add(10 * time.Second)
	w.cycleOnce()
	if n := command.PoolHeld(w.View(), pooled, state.TypeExecutor); n != 3 {
		t.Fatalf("%d of 4 slots are left, and one has to go", n)
	}
	w.cycleOnce()
	if s := w.View().JobRun(run).State; s != state.RunScheduled {
		wait, _ := w.p.Explain(run)
		t.Fatalf("the run of the higher priority is %s: %s", s, wait.Message)
	}
	if wait, _ := w.p.ExplainApplication(pooled); !strings.Contains(wait.Message, "1 of 4 pre-initialised") {
		t.Errorf("of the slots it says %q", wait.Message)
	}
}
