package sim

import (
	"reflect"
	"slices"
	"time"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/scheduler"
	"github.com/headrace/headrace/server/command"
	"github.com/headrace/headrace/server/demand"
	"github.com/headrace/headrace/server/placement/avoidance"
	"github.com/headrace/headrace/server/placement/proposal"
)

// planner is the scheduler's loop: one plan at a time. All but the number of proposals is the leader's memory, and gone
// with it.
type planner struct {
	asked   int // proposals without an answer
	memory  *proposal.Memory
	book    *proposal.Book
	demands *demand.Store
	avoided *avoidance.Store
	// deadlines of runs; nil: a new leader knows none yet
	deadlines *proposal.Deadlines
}

func newPlanner() planner {
	memory := proposal.NewMemory()
	return planner{
		memory:  memory,
		book:    proposal.NewBook(memory),
		demands: demand.NewStore(),
		avoided: avoidance.NewStore(),
	}
}

// forget is a change of leader: the new one knows nothing but the log.
func (p *planner) forget() {
	asked := p.asked
	*p = newPlanner()
	p.asked = asked
}

// plan plans on what the leader knows now, and proposes it a little later.
func (w *world) plan() {
	if w.planner.asked > 0 {
		return
	}
	w.drive()
	plan := w.decide()
	w.planner.memory.Planned(plan, w.now)
	w.count.Promised += len(plan.Promises)
	if w.planner.book.Cluster().Idle() {
		return
	}
	for _, reservation := range plan.Reservations {
		w.proposeLater(reservation.Application, proposal.Reserve(reservation).Decide, func() {})
	}
	for _, eviction := range plan.Evictions {
		w.proposeLater(eviction.Run, proposal.Evict(eviction).Decide, func() { w.count.Evicted += len(eviction.IDs) })
	}
	for _, placement := range plan.Placements {
		w.proposeLater(placement.Run, proposal.Place(placement).Decide, func() { w.planner.memory.Placed(placement, w.now) })
	}
	if w.faults && w.chance(30) {
		w.proposeNonsense()
	}
}

// decide brings the book up to date and plans on it. It holds that both are as if they were made from nothing: this is
// where the planner's indexes meet every kind of event in every order.
func (w *world) decide() scheduler.Output {
	book := w.planner.book
	ids := w.planner.demands.TakeNews()
	if record, filled := book.Record(); filled {
		book.Follow(w.source(), proposal.Changed{Rows: w.changes[record:w.view().Sequence], IDs: ids})
	} else {
		book.Fill(w.source())
	}
	anew := proposal.Build(w.source(), w.planner.memory)
	if difference := book.Differs(anew); difference != "" {
		w.fail("the planner's indexes are not as the state is: %s", difference)
	}
	if difference := book.Compare(w.source(), slices.Collect(book.IDs(w.view()))); difference != "" {
		w.fail("row by row the planner's indexes are not as the state is: %s", difference)
	}
	plan := book.Cluster().Plan()
	want := scheduler.Plan(anew.Input)
	plan.Waits = slices.Collect(book.Cluster().Waits())
	if !reflect.DeepEqual(plan, want) {
		w.fail("the planner's indexes give the plan\n%+v\nand the state gives\n%+v", plan, want)
	}
	return plan
}

// source is what the real builder reads here.
func (w *world) source() proposal.Source {
	now := w.now
	return proposal.Source{
		View:       w.view(),
		Now:        now,
		Demands:    w.planner.demands,
		Limits:     w.limits,
		MaxWorkers: 100,
		Patience:   2 * time.Second,
		Avoided:    func(application string) []string { return w.planner.avoided.Nodes(application, now) },
	}
}

func (w *world) proposeLater(id string, decide decide, accepted func()) {
	w.planner.asked++
	at := w.view().Sequence
	w.after(w.between(0, 300*time.Millisecond), func() { w.propose(id, at, decide, accepted) })
}

// propose proposes a part of a plan on the state as of a record, for a run or for the slots of an application; without
// an id it is no part of any.
func (w *world) propose(id string, at uint64, decide decide, accepted func()) {
	w.execute(decide, func(err error) {
		w.planner.asked--
		switch {
		case err == nil:
			accepted()
		case errs.Is(err, errs.Refused):
			if id != "" {
				w.planner.memory.Refused(id, at)
			}
			w.count.Refused++
		}
	})
}

// expire applies what follows from time alone.
func (w *world) expire() {
	view := w.view()
	w.serviceNodes(view)
	for _, run := range w.overdue(view) {
		w.execute((&command.ExpireJobRun{JobRunID: run, Waits: "no room"}).Decide, func(error) {})
	}
	for application := range view.Applications("") {
		if command.Unadmitted(view, application) {
			w.execute((&command.AdmitRuns{ApplicationID: application.ID}).Decide, func(error) {})
		}
		if command.Unreleased(view, application) {
			w.execute((&command.FinishStop{ApplicationID: application.ID}).Decide, func(error) {})
		}
		if command.Idle(view, application, w.now) {
			w.execute((&command.StopIdleApplication{ApplicationID: application.ID}).Decide, func(error) {})
		}
	}
}

// serviceNodes does the next step of each drain, and has nodes tried again that were set aside.
func (w *world) serviceNodes(view *state.View) {
	room := command.RoomForDrains(view, w.limits, w.now)
	for node := range view.Nodes() {
		if node.Draining() {
			w.execute((&command.AdvanceDrain{Node: node.ID, Room: room}).Decide, func(error) {})
		}
		if command.ToBeTried(node, w.now) {
			w.execute((&command.TryNode{Node: node.ID}).Decide, func(error) {})
		}
	}
}

// overdue returns the runs that are overdue. It holds that those whose deadlines are kept in order are the ones that a
// look at every run finds.
func (w *world) overdue(view *state.View) (ids []string) {
	d := w.planner.deadlines
	if d == nil {
		d = proposal.NewDeadlines(w.limits, func(_ string, work func()) { work() })
		w.planner.deadlines = d
	}
	if record, filled := d.Record(); filled {
		d.Follow(view, w.changes[record:view.Sequence])
	} else {
		d.Fill(view)
	}
	for run := range view.Unfinished("") {
		if command.Overdue(view, run, w.now, w.limits) {
			ids = append(ids, run.ID)
		}
	}
	if kept := d.Overdue(w.now, 0); !slices.Equal(slices.Sorted(slices.Values(kept)), slices.Sorted(slices.Values(ids))) {
		w.fail("by the kept deadlines %v are overdue, by a look at every run %v", kept, ids)
	}
	return ids
}
