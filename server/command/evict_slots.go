package command

import (
	"fmt"
	"time"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/errs"
	eventv1 "github.com/headrace/headrace/proto/headrace/event/v1"
)

// evictionGap is how much higher a run's priority is at least than that of an application whose free slots it may have:
// neighbours do not push each other around.
const evictionGap = 10

// EvictSlots gives up free slots of other applications, so that a run which waits for room fits, as the scheduler
// proposes. If one of them does not yield, none is given up. Of more than one step takes, the rest yields to a later
// plan; until then what was given up is promised to the run.
type EvictSlots struct {
	JobRunID string
	Attempt  uint32
	Slots    []string
}

// Decide checks the proposal on the newest view. If the proposal no longer holds, it is Refused, with the reason.
func (c *EvictSlots) Decide(view *state.View, meta Meta) ([]*eventv1.Event, error) {
	run := view.JobRun(c.JobRunID)
	attempt := view.Attempt(c.JobRunID, c.Attempt)
	if run == nil || attempt == nil || run.Attempt != c.Attempt || run.State != state.RunPending {
		return nil, errs.New(errs.Refused, "cannot evict slots for attempt %d of run %s: it does not wait for room",
			c.Attempt, c.JobRunID)
	}
	slots := make([]*state.Slot, 0, len(c.Slots))
	for _, id := range c.Slots {
		slot := view.Slot(id)
		if slot == nil || !SlotYields(view, meta.Limits, slot, meta.Now) ||
			YieldsTo(view.Application(slot.Application)) > run.Priority {
			return nil, errs.New(errs.Refused, "cannot evict slot %s for run %s of priority %d: it does not yield to it",
				id, run.ID, run.Priority)
		}
		slots = append(slots, slot)
	}
	d := draft(view, meta)
	releaseSlots(d, meta.Limits, slots,
		fmt.Sprintf("run %s of priority %d needs its room", run.ID, run.Priority))
	return d.Events(), nil
}

// SlotYields says whether an application may lose a slot to a run of a higher priority: one that nobody is in, and that
// it has had for a while. One that starts loses none, since its own runs wait for them.
func SlotYields(view *state.View, limits Limits, slot *state.Slot, now time.Time) bool {
	return slot.Free() && view.Application(slot.Application).State == state.ApplicationStarted &&
		now.Sub(slot.Reserved) >= limits.SlotRest
}

// YieldsTo returns the lowest priority of runs to which free slots of an application yield.
func YieldsTo(application *state.Application) uint32 { return application.Priority + evictionGap }
