package command

import (
	"github.com/headrace/headrace/fsm"
	"github.com/headrace/headrace/fsm/state"
	eventv1 "github.com/headrace/headrace/proto/headrace/event/v1"
)

// AdmitRuns admits the runs that waited for the start of their application, if they were more than one step takes.
type AdmitRuns struct {
	ApplicationID string
}

// Decide takes the oldest of them, if the application is started.
func (c *AdmitRuns) Decide(view *state.View, meta Meta) ([]*eventv1.Event, error) {
	if !Unadmitted(view, view.Application(c.ApplicationID)) {
		return nil, nil
	}
	d := draft(view, meta)
	admitRuns(d, c.ApplicationID)
	return d.Events(), nil
}

// Unadmitted says whether runs still wait for the start of an application that is started already. The application may
// be nil.
func Unadmitted(view *state.View, application *state.Application) bool {
	return application != nil && application.State == state.ApplicationStarted &&
		view.RunCounts(application.ID)[state.RunSubmitted] > 0
}

// admitRuns lets the runs that waited for the application's start wait for room, oldest first, as far as it has places;
// the others queue. What one step does not take, AdmitRuns goes on with.
func admitRuns(d *fsm.Draft, application string) {
	for _, run := range unfinishedRuns(d.View(), application) {
		if d.Full() {
			return
		}
		if run.State == state.RunSubmitted {
			admitRun(d, run.ID)
		}
	}
}

// admitRun gives a submitted run one of its application's places, or queues it. It overtakes nobody: a place that
// becomes free is given to the queue at once.
func admitRun(d *fsm.Draft, id string) {
	run := d.View().JobRun(id)
	if placeFree(d.View(), run.Application) {
		d.Add(&eventv1.JobRunAdmitted{JobRunId: id})
		return
	}
	d.Add(&eventv1.JobRunQueued{JobRunId: id})
}

// admitQueued gives free places of a started application to those that queue for them, oldest first.
func admitQueued(d *fsm.Draft, application string) {
	for d.View().Application(application).State == state.ApplicationStarted && placeFree(d.View(), application) {
		run := oldestQueued(d.View(), application)
		if run == nil {
			return
		}
		d.Add(&eventv1.JobRunAdmitted{JobRunId: run.ID, QueuedMilliseconds: queued(d, run)})
	}
}

// oldestQueued returns the run that has queued longest, or nil. Only runs that have places are older.
func oldestQueued(view *state.View, application string) *state.JobRun {
	if view.RunCounts(application)[state.RunQueued] == 0 {
		return nil
	}
	for run := range view.Unfinished(application) {
		if run.State == state.RunQueued {
			return run
		}
	}
	return nil
}

// queued returns how many milliseconds a run that leaves the queue was in it; 0 for any other.
func queued(d *fsm.Draft, run *state.JobRun) int64 {
	return (run.QueuedAt(d.Now()) - run.Queued).Milliseconds()
}

func placeFree(view *state.View, application string) bool {
	places := view.Application(application).MaxRuns
	return places == 0 || view.RunCounts(application).Placed() < int(places)
}
