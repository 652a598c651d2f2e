package command_test

import (
	"testing"
	"time"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/errs"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
	"github.com/headrace/headrace/server/command"
)

// evict proposes all tasks' slots of pooled for a run.
func (w *world) evict(run string) *command.EvictSlots {
	c := &command.EvictSlots{JobRunID: run, Attempt: 1}
	for _, slot := range w.slots(state.TypeTask) {
		c.Slots = append(c.Slots, slot.ID)
	}
	return c
}

func ofPriority(priority uint32) func(*specv1.Application) {
	return func(a *specv1.Application) { a.SetPriority(priority) }
}

func TestEvictSlots_ReleasesFreeSlotsForARunOfAHigherPriority(t *testing.T) {
	w := newWorld(t)
	w.withPool(1, 2) // of priority 50
	w.given(create("high", auto, ofPriority(60)), create("near", auto, ofPriority(59)))
	w.given(submit("waits", 3, in("high")), submit("near", 3, in("near")))
	w.refuses(w.evict("waits"), errs.Refused, "does not yield") // it has them for less than a minute
	w.now = w.now.Add(time.Minute)
	w.refuses(w.evict("near"), errs.Refused, "for run near of priority 59")
	w.refuses(w.evict("nobody"), errs.Refused, "does not wait for room")
	evict := w.evict("waits")
	w.then(evict, "SlotsReleased")
	w.refuses(evict, errs.Refused, "does not yield") // they are gone
	if tasks, drivers := len(w.slots(state.TypeTask)), len(w.slots(state.TypeDriver)); tasks != 0 || drivers != 1 {
		t.Errorf("%d and %d slots are left", tasks, drivers)
	}
	w.wantApplication("pooled", state.ApplicationStarted)
}

// A slot that was reserved again is not taken again within a minute, so that two who want it do not take turns.
func TestEvictSlots_TakesASlotOnceAMinute(t *testing.T) {
	w := newWorld(t)
	w.withPool(1, 2)
	w.given(create("high", auto, ofPriority(90)), submit("waits", 3, in("high")))
	w.now = w.now.Add(time.Minute)
	w.given(w.evict("waits"))
	w.fill("n2", 0, 2)
	w.refuses(w.evict("waits"), errs.Refused, "does not yield")
	w.now = w.now.Add(time.Minute)
	w.then(w.evict("waits"), "SlotsReleased")
}

func TestEvictSlots_LeavesWhatIsInUse(t *testing.T) {
	w := newWorld(t)
	w.withPool(1, 1)
	w.given(create("high", auto, ofPriority(90)), submit("waits", 3, in("high")), submit("run", 1, inPooled))
	w.now = w.now.Add(time.Minute)
	evict := w.evict("waits")
	w.given(&command.Place{
		JobRunID: "run", Attempt: 1, Zone: "a",
		Driver: "n1", DriverSlot: w.slots(state.TypeDriver)[0].ID, Slots: evict.Slots,
	})
	w.refuses(evict, errs.Refused, "does not yield")
}
