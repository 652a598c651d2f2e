package proposal

import (
	"time"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/server/command"
)

// Deadlines keeps the moments from which runs are overdue, in order, so that a second in which none is costs nothing,
// however many runs wait. It may be made anew at any time. It belongs to one goroutine.
type Deadlines struct {
	limits command.Limits
	guard  func(id string, work func())
	due    *due
	queues map[string]time.Duration // application → its QueueTimeout, on which the deadlines of its runs depend
	record uint64                   // up to which it follows the state
	filled bool
}

// NewDeadlines returns deadlines that are yet to be filled. Guard does the work for one run; one for which it fails has
// no deadline until it changes.
func NewDeadlines(limits command.Limits, guard func(id string, work func())) *Deadlines {
	return &Deadlines{
		limits: limits,
		guard:  guard,
		due:    newDue(),
		queues: map[string]time.Duration{},
	}
}

// Record returns the record up to which the deadlines follow the state; it is false if they have to be filled.
func (d *Deadlines) Record() (record uint64, filled bool) { return d.record, d.filled }

// Fill makes the deadlines anew.
func (d *Deadlines) Fill(view *state.View) {
	*d = *NewDeadlines(d.limits, d.guard)
	for application := range view.Applications("") {
		d.queues[application.ID] = application.QueueTimeout
	}
	for run := range view.Unfinished("") {
		d.look(run.ID, view)
	}
	d.record = view.Sequence
	d.filled = true
}

// Follow brings deadlines that are filled up to date with the changes of the records since, in order.
func (d *Deadlines) Follow(view *state.View, changes []*state.Changes) {
	touched := map[string]bool{}
	for _, rows := range changes {
		for _, id := range rows.Applications {
			d.application(id, view)
		}
		for _, id := range rows.Runs {
			touched[id] = true
		}
	}
	for id := range touched {
		d.look(id, view)
	}
	d.record = view.Sequence
}

// application takes in an application: if its runs may queue for another time, each has another deadline.
func (d *Deadlines) application(id string, view *state.View) {
	application := view.Application(id)
	if application == nil {
		delete(d.queues, id)
		return
	}
	before := d.queues[id]
	d.queues[id] = application.QueueTimeout
	if before == application.QueueTimeout {
		return
	}
	for run := range view.Unfinished(id) {
		d.look(run.ID, view)
	}
}

// look takes in a run.
func (d *Deadlines) look(id string, view *state.View) {
	at := time.Time{}
	if run := view.JobRun(id); run != nil {
		d.guard(id, func() {
			if end, bounded := command.Deadline(view, run, d.limits); bounded {
				at = end.Add(1) // it is overdue after its deadline
			}
		})
	}
	d.due.set(id, at)
}

// Overdue returns the runs that are overdue. If nothing changes they are so again after a pause.
func (d *Deadlines) Overdue(now time.Time, pause time.Duration) []string {
	ids := d.due.until(now)
	for _, id := range ids {
		d.due.set(id, now.Add(pause))
	}
	return ids
}
