package command

import (
	"slices"
	"time"

	"github.com/headrace/headrace/fsm"
	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/fsm/wire"
	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/ident"
	eventv1 "github.com/headrace/headrace/proto/headrace/event/v1"
)

// Share is a number of identical workers on one node.
type Share struct {
	Node  string
	Count uint32
}

// Place is what the scheduler proposes for one run: whole, or not at all.
type Place struct {
	JobRunID string
	Attempt  uint32
	Zone     string
	Driver   string // the driver's node; empty when the attempt already has one
	Shares   []Share
}

// Decide checks the proposal against the newest view with the same question that the planner asked, resource.Vector.FitsIn. A
// proposal that no longer holds is Refused, with the reason.
func (c *Place) Decide(view *state.View, meta Meta) ([]*eventv1.Event, error) {
	run, attempt := view.JobRun(c.JobRunID), view.Attempt(c.JobRunID, c.Attempt)
	if run == nil || attempt == nil || run.Attempt != c.Attempt {
		return nil, errs.New(errs.Refused, "cannot place attempt %d of run %s: it is not the newest", c.Attempt, c.JobRunID)
	}
	if err := c.checkTurn(view, run, attempt, meta.Now); err != nil {
		return nil, err
	}
	if err := c.checkRoom(view, run); err != nil {
		return nil, err
	}
	d := fsm.NewDraft(view, meta.Now)
	c.place(d, run, attempt, meta.IDs)
	return d.Events(), nil
}

// checkTurn holds that the attempt is in the state that the proposal is for.
func (c *Place) checkTurn(view *state.View, run *state.JobRun, attempt *state.Attempt, now time.Time) error {
	switch {
	case c.Driver != "" && (run.State != state.RunPending || attempt.State != state.AttemptWaiting):
		return errs.New(errs.Refused, "cannot place attempt %d of run %s: it is %s", c.Attempt, run.ID, attempt.State)
	case c.Driver != "" && (view.HasLiveWorkers(run.ID) || now.Before(attempt.NotBefore)):
		return errs.New(errs.Refused, "cannot place attempt %d of run %s: workers of the one before still live, or its back-off is not over", c.Attempt, run.ID)
	case c.Driver != "" && (c.count() < run.Shape.Minimum || c.count() > run.Shape.Maximum):
		return errs.New(errs.Refused, "cannot place attempt %d of run %s: %d workers were proposed, it takes %d to %d", c.Attempt, run.ID, c.count(),
			run.Shape.Minimum, run.Shape.Maximum)
	case c.Driver == "" && (!attempt.State.Active() || attempt.Zone != c.Zone):
		return errs.New(errs.Refused, "cannot add workers to attempt %d of run %s: it is %s in zone %q", c.Attempt, run.ID, attempt.State, attempt.Zone)
	case c.Driver == "" && c.live(view)+c.count() > run.Shape.Maximum:
		return errs.New(errs.Refused, "cannot add %d workers to attempt %d of run %s: it has %d of at most %d", c.count(), c.Attempt, run.ID, c.live(view), run.Shape.Maximum)
	case c.Driver == "" && run.Shape.Worker == state.TypeTask && c.count() > MissingTasks(view, run, attempt):
		return errs.New(errs.Refused, "cannot add %d tasks to attempt %d of run %s: %d are missing", c.count(), c.Attempt, run.ID, MissingTasks(view, run, attempt))
	}
	return nil
}

func (c *Place) count() (n uint32) {
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

// checkRoom holds that every share fits on its node, and all of them in the application's limit.
func (c *Place) checkRoom(view *state.View, run *state.JobRun) error {
	total := run.Shape.WorkerSize.Times(int64(c.count()))
	if c.Driver != "" {
		total = total.Add(run.Shape.DriverSize.Vector)
	}
	used := view.UsedOfApplication(run.Application)
	application := view.Application(run.Application)
	if over := used.Add(total).Exceeds(application.Limit); over != "" {
		return errs.New(errs.Refused, "cannot place run %s: application %s may use %s, uses %s, and %s more would be over its %s",
			run.ID, application.ID, application.Limit, used, total, over)
	}
	seen := map[string]bool{}
	for _, share := range c.shares() {
		if seen[share.Node] {
			return errs.New(errs.Refused, "cannot place run %s: node %s stands twice in the proposal", run.ID, share.Node)
		}
		seen[share.Node] = true
		if err := c.checkNode(view, run, share); err != nil {
			return err
		}
	}
	return nil
}

// shares returns the shares with the driver's node among them.
func (c *Place) shares() []Share {
	shares := append([]Share{}, c.Shares...)
	for _, share := range shares {
		if share.Node == c.Driver {
			return shares
		}
	}
	if c.Driver != "" {
		shares = append(shares, Share{Node: c.Driver})
	}
	return shares
}

func (c *Place) checkNode(view *state.View, run *state.JobRun, share Share) error {
	node := view.Node(share.Node)
	if node == nil || node.State != state.NodeReady || node.Zone != c.Zone {
		return errs.New(errs.Refused, "cannot place run %s on node %s: it is not ready in zone %q", run.ID, share.Node, c.Zone)
	}
	if slices.Contains(view.Attempt(run.ID, run.Attempt).Refused, share.Node) {
		return errs.New(errs.Refused, "cannot place run %s on node %s: the node refused to start its attempt %d", run.ID, node.Name, run.Attempt)
	}
	need := run.Shape.WorkerSize.Times(int64(share.Count))
	if share.Node == c.Driver {
		need = need.Add(run.Shape.DriverSize.Vector)
	}
	if free := node.Capacity.Sub(view.UsedOfNode(node.ID)); !need.FitsIn(free) {
		return errs.New(errs.Refused, "cannot place run %s on node %s: needs %s, %s free", run.ID, node.Name, need, free)
	}
	return nil
}

func (c *Place) place(d *fsm.Draft, run *state.JobRun, attempt *state.Attempt, ids ident.Source) {
	numbers := nextNumbers(d.View(), run, attempt)
	if c.Driver != "" {
		d.Add(&eventv1.AttemptScheduled{JobRunId: run.ID, Attempt: attempt.Number, Zone: c.Zone})
		c.placeShare(d, run, Share{c.Driver, 1}, run.Shape.Driver, run.Shape.DriverSize, ids, func() uint32 { return 0 })
	}
	for _, share := range c.Shares {
		if share.Count > 0 {
			c.placeShare(d, run, share, run.Shape.Worker, run.Shape.WorkerSize, ids, numbers)
		}
	}
}

func (c *Place) placeShare(d *fsm.Draft, run *state.JobRun, share Share, as state.WorkerType, size state.Size, ids ident.Source, number func() uint32) {
	placed := &eventv1.WorkersPlaced{JobRunId: run.ID, Attempt: c.Attempt, NodeId: share.Node, Type: eventv1.WorkerType(as), Size: wire.Size(size)}
	for range share.Count {
		n := number()
		placed.Workers = append(placed.Workers, &eventv1.PlacedWorker{WorkerId: ids.NewID(), Number: n, Epoch: nextEpoch(d.View(), run.ID, c.Attempt, n)})
	}
	d.Add(placed)
}

// nextNumbers gives the numbers of new workers: an executor's is always new, a task's is the lowest that no task of the attempt
// holds or has finished.
func nextNumbers(view *state.View, run *state.JobRun, attempt *state.Attempt) func() uint32 {
	next := attempt.LastNumber
	if run.Shape.Worker == state.TypeTask {
		next = 0
	}
	return func() uint32 {
		for next++; run.Shape.Worker == state.TypeTask && !TaskMissing(view, run, attempt, next); {
			next++
		}
		return next
	}
}

// TaskMissing says whether the task with a number is to be placed: it never was, or its newest worker is gone and did not end
// well.
func TaskMissing(view *state.View, run *state.JobRun, attempt *state.Attempt, number uint32) bool {
	newest := view.NewestWorker(run.ID, attempt.Number, number)
	return newest == nil || !newest.Live() && !endedWell(newest.Exit)
}

// MissingTasks counts the tasks of an attempt that are to be placed.
func MissingTasks(view *state.View, run *state.JobRun, attempt *state.Attempt) (n uint32) {
	for number := uint32(1); number <= run.Shape.Maximum; number++ {
		if TaskMissing(view, run, attempt, number) {
			n++
		}
	}
	return n
}

func endedWell(exit state.Exit) bool { return exit.Reason == state.ExitExited && exit.Code == 0 }

func nextEpoch(view *state.View, run string, attempt, number uint32) uint32 {
	if newest := view.NewestWorker(run, attempt, number); newest != nil {
		return newest.Epoch + 1
	}
	return 1
}
