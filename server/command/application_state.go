package command

import (
	"slices"

	"github.com/headrace/headrace/fsm"
	"github.com/headrace/headrace/fsm/state"
	eventv1 "github.com/headrace/headrace/proto/headrace/event/v1"
)

// cause is why something changes.
type cause struct {
	reason string
	by     string // who asked for it; empty: nobody, the cluster does it by itself
}

// asked is the cause of a change that somebody asked for.
func asked(who string) cause { return cause{reason: by("asked for", who), by: who} }

// by says what was done and who did it.
func by(did, who string) string {
	if who == "" {
		return did
	}
	return did + " by " + who
}

// cancelled is why a run is cancelled.
func cancelled(reason string) state.Failure {
	return state.Failure{Kind: state.FailedCancelled, Message: reason}
}

// stoppedWithForce is why a run is cancelled whose application is stopped.
const stoppedWithForce = "its application was stopped with force"

// move adds the fact that an application entered another state.
func move(d *fsm.Draft, id string, to state.ApplicationState, why cause) {
	from := d.View().Application(id).State
	d.Add(&eventv1.ApplicationStateChanged{
		ApplicationId: id,
		From:          eventv1.ApplicationState(from),
		To:            eventv1.ApplicationState(to),
		Reason:        why.reason,
		ChangedBy:     why.by,
	})
}

// startApplication leaves CREATED or STOPPED. Without slots to prepare it is STARTED at once, and its runs are
// admitted.
func startApplication(d *fsm.Draft, application *state.Application, why cause) {
	switch application.State {
	case state.ApplicationCreated, state.ApplicationStopped:
		move(d, application.ID, state.ApplicationStarting, why)
		settleStart(d, application.ID)
	case state.ApplicationStopping:
		if !application.StartAgain {
			d.Add(&eventv1.ApplicationStateChanged{
				ApplicationId: application.ID,
				From:          eventv1.ApplicationState_APPLICATION_STATE_STOPPING,
				To:            eventv1.ApplicationState_APPLICATION_STATE_STOPPING,
				Reason:        application.StateDetails,
				StartAgain:    true,
				ChangedBy:     why.by,
			})
		}
	}
}

// settleStart ends STARTING when all pre-initialised slots are ready.
func settleStart(d *fsm.Draft, id string) {
	if application := d.View().Application(id); application.State == state.ApplicationStarting &&
		PoolMissing(d.View(), application) == "" {
		move(d, id, state.ApplicationStarted, cause{})
		admitRuns(d, id)
	}
}

// cancelBytes is how large the facts are that cancel one run, at most.
const cancelBytes = 512

// stopApplication releases the application's slots and cancels its unfinished runs; when nothing is left it is STOPPED.
// A start that was asked for while it was stopping is forgotten: the newest request counts. The result says whether
// more is left than one step takes: runs, while the application is still in its old state, or slots, once it is
// STOPPING.
func stopApplication(d *fsm.Draft, limits Limits, application *state.Application, why cause) (more bool) {
	if bound := perStep(limits, cancelBytes); countUnfinished(d.View(), application) > bound {
		cancelNewest(d, application.ID, bound, why.by)
		return true
	}
	stopping := application.State == state.ApplicationStopping
	if stopping && application.StartAgain { // before its last slot is released, with which it would start
		move(d, application.ID, state.ApplicationStopping, why)
	}
	more = releaseSlots(d, limits, slices.Collect(d.View().PoolOfApplication(application.ID)), applicationStops)
	if !stopping {
		move(d, application.ID, state.ApplicationStopping, why)
	}
	for _, run := range unfinishedRuns(d.View(), application.ID) {
		cancelRun(d, run, cancelled(by(stoppedWithForce, why.by)), defaultGrace, why.by)
	}
	settleApplication(d, application.ID)
	return more
}

// applicationStops is why slots are released.
const applicationStops = "its application stops"

// cancelNewest cancels the newest runs of an application that are not being cancelled yet: those that queue before
// those that have places.
func cancelNewest(d *fsm.Draft, application string, bound int, who string) {
	runs := slices.DeleteFunc(unfinishedRuns(d.View(),
		application), func(run *state.JobRun) bool { return run.State == state.RunCancelling })
	for _, run := range runs[max(0, len(runs)-bound):] {
		cancelRun(d, run, cancelled(by(stoppedWithForce, who)), defaultGrace, who)
	}
	settleApplication(d, application)
}

// settleApplication ends STOPPING when the last run is over and holds nothing, and starts the application again if that
// was asked for. It does not wait for runs that wait for that start.
func settleApplication(d *fsm.Draft, id string) {
	application := d.View().Application(id)
	if application.State != state.ApplicationStopping || countWorking(d.View(), id) > 0 ||
		!d.View().UsedOfApplication(id).IsZero() {
		return
	}
	again := application.StartAgain
	move(d, id, state.ApplicationStopped, cause{reason: application.StateDetails})
	if again {
		startApplication(d, d.View().Application(id), cause{reason: "asked for while it stopped"})
	}
}

// unfinishedRuns returns an application's unfinished runs as a list, because facts that are added meanwhile change the
// view.
func unfinishedRuns(view *state.View, application string) (runs []*state.JobRun) {
	for run := range view.Unfinished(application) {
		runs = append(runs, run)
	}
	return runs
}
