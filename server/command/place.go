package command

import (
	"time"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/errs"
	eventv1 "github.com/headrace/headrace/proto/headrace/event/v1"
)

// Share is a number of identical workers, or slots, on one node.
type Share struct {
	Node  string
	Count uint32
}

// Place places workers of one run as the scheduler proposes: all of them, or none.
type Place struct {
	JobRunID   string
	Attempt    uint32
	Zone       string
	Driver     string   // the driver's node; empty when the attempt already has one
	DriverSlot string   // the pre-initialised slot there that the driver is given; empty: it gets one of its own
	Slots      []string // pre-initialised slots that other workers are given
	Shares     []Share  // other workers that get slots of their own
}

// Decide checks the proposal on the newest view with the functions that the planner used, resource.Vector.FitsIn and
// resource.Size.Serves. If the proposal no longer holds, it is Refused, with the reason.
func (c *Place) Decide(view *state.View, meta Meta) ([]*eventv1.Event, error) {
	run := view.JobRun(c.JobRunID)
	attempt := view.Attempt(c.JobRunID, c.Attempt)
	if run == nil || attempt == nil || run.Attempt != c.Attempt {
		return nil, errs.New(errs.Refused, "cannot place attempt %d of run %s: it is not the newest",
			c.Attempt, c.JobRunID)
	}
	if err := c.check(view, run, attempt, meta); err != nil {
		return nil, err
	}
	d := draft(view, meta)
	c.place(d, run, attempt, meta.IDs)
	return d.Events(), nil
}

// check holds that the proposal fits the attempt's state, the slots, the nodes and the limits.
func (c *Place) check(view *state.View, run *state.JobRun, attempt *state.Attempt, meta Meta) error {
	if err := c.checkState(view, run, attempt, meta.Now); err != nil {
		return err
	}
	if err := c.checkSlots(view, run, attempt); err != nil {
		return err
	}
	return c.checkRoom(view, run, meta.Limits)
}

// checkState holds that the attempt is in the state that the proposal is for: it waits for its driver, or it runs and
// may grow.
func (c *Place) checkState(view *state.View, run *state.JobRun, attempt *state.Attempt, now time.Time) error {
	if c.Driver != "" {
		return c.checkWaiting(view, run, attempt, now)
	}
	return c.checkGrowth(view, run, attempt)
}

// checkWaiting holds that the attempt waits, and takes as many workers as were proposed.
func (c *Place) checkWaiting(view *state.View, run *state.JobRun, attempt *state.Attempt, now time.Time) error {
	switch {
	case run.State != state.RunPending || attempt.State != state.AttemptWaiting:
		return errs.New(errs.Refused, "cannot place attempt %d of run %s: it is %s", c.Attempt, run.ID, attempt.State)
	case view.HasLiveWorkers(run.ID) || now.Before(attempt.NotBefore):
		return errs.New(errs.Refused,
			"cannot place attempt %d of run %s: workers of the one before still live, or its back-off is not over",
			c.Attempt, run.ID)
	case c.count() < run.Shape.Minimum || c.count() > run.Shape.Maximum:
		return errs.New(errs.Refused, "cannot place attempt %d of run %s: %d workers were proposed, it takes %d to %d",
			c.Attempt, run.ID, c.count(), run.Shape.Minimum, run.Shape.Maximum)
	}
	return nil
}

// checkGrowth holds that the attempt has its driver, in the same zone, and may have as many more workers.
func (c *Place) checkGrowth(view *state.View, run *state.JobRun, attempt *state.Attempt) error {
	switch {
	case !attempt.State.Active() || attempt.Zone != c.Zone:
		return errs.New(errs.Refused, "cannot add workers to attempt %d of run %s: it is %s in zone %q",
			c.Attempt, run.ID, attempt.State, attempt.Zone)
	case c.live(view)+c.count() > run.Shape.Maximum:
		return errs.New(errs.Refused, "cannot add %d workers to attempt %d of run %s: it has %d of at most %d",
			c.count(), c.Attempt, run.ID, c.live(view), run.Shape.Maximum)
	case run.Shape.Worker == state.TypeTask && c.count() > MissingTasks(view, run, attempt):
		return errs.New(errs.Refused, "cannot add %d tasks to attempt %d of run %s: %d are missing",
			c.count(), c.Attempt, run.ID, MissingTasks(view, run, attempt))
	}
	return nil
}

// count counts the proposed workers beside the driver.
func (c *Place) count() uint32 {
	n := uint32(len(c.Slots))
	for _, share := range c.Shares {
		n += share.Count
	}
	return n
}

// live counts the attempt's workers beside the driver.
func (c *Place) live(view *state.View) (n uint32) {
	for w := range view.LiveWorkersOfRun(c.JobRunID) {
		if w.Number != 0 {
			n++
		}
	}
	return n
}
