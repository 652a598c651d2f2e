package outbox

import (
	"fmt"
	"testing"

	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
)

func statusIn(id string, phase agentv1.Phase) *agentv1.WorkerStatus {
	return &agentv1.WorkerStatus{WorkerId: id, Phase: phase}
}

func TestOutbox_TellsTheNewestInBoundedBatches(t *testing.T) {
	o := New()
	for i := range MaxBatch + 10 {
		o.Put(statusIn(fmt.Sprint(i), agentv1.Phase_PHASE_RUNNING))
		o.Put(statusIn(fmt.Sprint(i), agentv1.Phase_PHASE_ENDED))
	}
	first := o.Next()
	if len(first.GetWorkers()) != MaxBatch || first.GetWorkers()[0].GetPhase() != agentv1.Phase_PHASE_ENDED {
		t.Errorf("the first report has %d statuses", len(first.GetWorkers()))
	}
	if o.Next() != nil {
		t.Error("a second report was begun before the first was acknowledged")
	}
	o.Acknowledged(first.GetNumber())
	if second := o.Next(); len(second.GetWorkers()) != 10 || second.GetNumber() != 2 {
		t.Errorf("the second report is %d with %d statuses", second.GetNumber(), len(second.GetWorkers()))
	}
	o.Acknowledged(1) // once more
	if o.Told("0") != true || o.Told(fmt.Sprint(MaxBatch)) {
		t.Error("told is what was acknowledged, and nothing else")
	}
}

func TestOutbox_NewSessionTellsAgainButNothingStale(t *testing.T) {
	o := New()
	o.Put(statusIn("a", agentv1.Phase_PHASE_RUNNING))
	o.Put(statusIn("b", agentv1.Phase_PHASE_RUNNING))
	o.PutReleases([]string{"emr-7.2.0"})
	o.Next()
	o.Put(statusIn("a", agentv1.Phase_PHASE_ENDED))
	o.Restart()
	again := o.Next()
	if again.GetNumber() != 1 || len(again.GetWorkers()) != 2 || again.GetReleases() == nil {
		t.Fatalf("the new session begins with %v", again)
	}
	want := map[string]agentv1.Phase{"a": agentv1.Phase_PHASE_ENDED, "b": agentv1.Phase_PHASE_RUNNING}
	for _, s := range again.GetWorkers() {
		if s.GetPhase() != want[s.GetWorkerId()] {
			t.Errorf("%s is told as %v, want %v", s.GetWorkerId(), s.GetPhase(), want[s.GetWorkerId()])
		}
	}
	o.Drop("a")
	o.Restart()
	if o.Next() == nil {
		t.Error("what is on its way is not told again")
	}
}

func TestOutbox_TellsSlotsBesideWorkersInBoundedBatches(t *testing.T) {
	o := New()
	for i := range MaxBatch + 1 {
		o.PutSlot(&agentv1.SlotStatus{SlotId: fmt.Sprint(i)})
		o.PutSlot(&agentv1.SlotStatus{SlotId: fmt.Sprint(i), Ready: true})
	}
	o.Put(statusIn("w", agentv1.Phase_PHASE_RUNNING))
	first := o.Next()
	if len(first.GetSlots()) != MaxBatch || len(first.GetWorkers()) != 1 || !first.GetSlots()[0].GetReady() {
		t.Errorf("the first report has %d slots and %d workers", len(first.GetSlots()), len(first.GetWorkers()))
	}
	o.DropSlot(fmt.Sprint(MaxBatch))
	o.Restart()
	if again := o.Next(); len(again.GetSlots()) != MaxBatch || again.GetNumber() != 1 {
		t.Errorf("the new session tells %d slots in report %d, want all but the dropped one",
			len(again.GetSlots()), again.GetNumber())
	}
}
