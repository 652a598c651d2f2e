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

// asked is the cause of what somebody asked for.
func asked(who string) cause { return cause{reason: by("asked for", who), by: who} }

// by adds to what was done who did it.
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
	d.Add(&eventv1.ApplicationStateChanged{ApplicationId: id, From: eventv1.ApplicationState(from), To: eventv1.ApplicationState(to),
		Reason: why.reason, ChangedBy: why.by})
}

// startApplication leaves CREATED or STOPPED. Without slots to prepare it is STARTED at once, and its runs are admitted.
func startApplication(d *fsm.Draft, application *state.Application, why cause) {
	switch application.State {
	case state.ApplicationCreated, state.ApplicationStopped:
		move(d, application.ID, state.ApplicationStarting, why)
		settleStart(d, application.ID)
	case state.ApplicationStopping:
		if !application.StartAgain {
			d.Add(&eventv1.ApplicationStateChanged{ApplicationId: application.ID, From: eventv1.ApplicationState_APPLICATION_STATE_STOPPING,
				To: eventv1.ApplicationState_APPLICATION_STATE_STOPPING, Reason: application.StateDetails, StartAgain: true, ChangedBy: why.by})
		}
	}
}

// settleStart ends STARTING when all pre-initialised slots are ready.
func settleStart(d *fsm.Draft, id string) {
	if application := d.View().Application(id); application.State == state.ApplicationStarting && PoolMissing(d.View(), application) == "" {
		move(d, id, state.ApplicationStarted, cause{})
		admitRuns(d, id)
	}
}

// cancelBytes is how large the facts are that cancel one run, at most.
const cancelBytes = 512

// stopApplication releases its slots, cancels what is unfinished, and goes to STOPPED when nothing is left. A start that was
// asked for while it stopped is forgotten: the newest wish counts. It says whether more is left than one step takes: runs, as long
// as the application is in the state that it was in, or slots, once it is STOPPING.
func stopApplication(d *fsm.Draft, limits Limits, application *state.Application, why cause) (more bool) {
	if most := perStep(limits, cancelBytes); countUnfinished(d.View(), application) > most {
		cancelNewest(d, application.ID, most, why.by)
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

// cancelNewest cancels the newest runs of an application that are not being cancelled yet: those that queue before those that have
// places.
func cancelNewest(d *fsm.Draft, application string, most int, who string) {
	runs := slices.DeleteFunc(unfinishedRuns(d.View(), application), func(run *state.JobRun) bool { return run.State == state.RunCancelling })
	for _, run := range runs[max(0, len(runs)-most):] {
		cancelRun(d, run, cancelled(by(stoppedWithForce, who)), defaultGrace, who)
	}
	settleApplication(d, application)
}

// settleApplication ends STOPPING when the last run is over and holds nothing, and starts again when that was asked for. Runs
// that wait for just that are not waited for.
func settleApplication(d *fsm.Draft, id string) {
	application := d.View().Application(id)
	if application.State != state.ApplicationStopping || countWorking(d.View(), id) > 0 || !d.View().UsedOfApplication(id).IsZero() {
		return
	}
	again := application.StartAgain
	move(d, id, state.ApplicationStopped, cause{reason: application.StateDetails})
	if again {
		startApplication(d, d.View().Application(id), cause{reason: "asked for while it stopped"})
	}
}

// unfinishedRuns collects, because facts that are added meanwhile change the view.
func unfinishedRuns(view *state.View, application string) (runs []*state.JobRun) {
	for run := range view.Unfinished(application) {
		runs = append(runs, run)
	}
	return runs
}
