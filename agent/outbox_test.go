package agent

import (
	"fmt"
	"testing"

	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
)

func statusIn(id string, phase agentv1.Phase) *agentv1.WorkerStatus {
	return &agentv1.WorkerStatus{WorkerId: id, Phase: phase}
}

func TestOutbox_TellsTheNewestInBoundedBatches(t *testing.T) {
	o := newOutbox()
	for i := range maxBatch + 10 {
		o.put(statusIn(fmt.Sprint(i), agentv1.Phase_PHASE_RUNNING))
		o.put(statusIn(fmt.Sprint(i), agentv1.Phase_PHASE_ENDED))
	}
	first := o.next()
	if len(first.GetWorkers()) != maxBatch || first.GetWorkers()[0].GetPhase() != agentv1.Phase_PHASE_ENDED {
		t.Errorf("the first report has %d statuses", len(first.GetWorkers()))
	}
	if o.next() != nil {
		t.Error("a second report was begun before the first was acknowledged")
	}
	o.acknowledged(first.GetNumber())
	if second := o.next(); len(second.GetWorkers()) != 10 || second.GetNumber() != 2 {
		t.Errorf("the second report is %d with %d statuses", second.GetNumber(), len(second.GetWorkers()))
	}
	o.acknowledged(1) // once more
	if o.told("0") != true || o.told(fmt.Sprint(maxBatch)) {
		t.Error("told is what was acknowledged, and nothing else")
	}
}

func TestOutbox_NewSessionTellsAgainButNothingStale(t *testing.T) {
	o := newOutbox()
	o.put(statusIn("a", agentv1.Phase_PHASE_RUNNING))
	o.put(statusIn("b", agentv1.Phase_PHASE_RUNNING))
	o.putReleases([]string{"emr-7.2.0"})
	o.next()
	o.put(statusIn("a", agentv1.Phase_PHASE_ENDED))
	o.restart()
	again := o.next()
	if again.GetNumber() != 1 || len(again.GetWorkers()) != 2 || again.GetReleases() == nil {
		t.Fatalf("the new session begins with %v", again)
	}
	want := map[string]agentv1.Phase{"a": agentv1.Phase_PHASE_ENDED, "b": agentv1.Phase_PHASE_RUNNING}
	for _, s := range again.GetWorkers() {
		if s.GetPhase() != want[s.GetWorkerId()] {
			t.Errorf("%s is told as %v, want %v", s.GetWorkerId(), s.GetPhase(), want[s.GetWorkerId()])
		}
	}
	o.drop("a")
	o.restart()
	if o.next() == nil {
		t.Error("what is on its way is not told again")
	}
}

func TestOutbox_TellsSlotsBesideWorkersInBoundedBatches(t *testing.T) {
	o := newOutbox()
	for i := range maxBatch + 1 {
		o.putSlot(&agentv1.SlotStatus{SlotId: fmt.Sprint(i)})
		o.putSlot(&agentv1.SlotStatus{SlotId: fmt.Sprint(i), Ready: true})
	}
	o.put(statusIn("w", agentv1.Phase_PHASE_RUNNING))
	first := o.next()
	if len(first.GetSlots()) != maxBatch || len(first.GetWorkers()) != 1 || !first.GetSlots()[0].GetReady() {
		t.Errorf("the first report has %d slots and %d workers", len(first.GetSlots()), len(first.GetWorkers()))
	}
	o.dropSlot(fmt.Sprint(maxBatch))
	o.restart()
	if again := o.next(); len(again.GetSlots()) != maxBatch || again.GetNumber() != 1 {
		t.Errorf("the new session tells %d slots in report %d, want all but the dropped one", len(again.GetSlots()), again.GetNumber())
	}
}
