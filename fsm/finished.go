package fsm

import (
	"github.com/headrace/headrace/fsm/state"
	eventv1 "github.com/headrace/headrace/proto/headrace/event/v1"
	snapshotv1 "github.com/headrace/headrace/proto/headrace/snapshot/v1"
)

// Finished is a run that is over with all that the state knew of it.
type Finished struct {
	Run         *snapshotv1.FinishedJobRun
	Application *snapshotv1.Application // as it was when the run left; nil: it is not known
	Inherited   *eventv1.Content        // what the run inherits; nil: nothing
}

// FinishedOf returns a run that is over as messages, which share what never changes with the state.
func FinishedOf(view *state.View, run *state.JobRun) Finished {
	m := &snapshotv1.FinishedJobRun{JobRun: jobRunRow(run).GetJobRun()}
	for a := range view.Attempts(run.ID, 0) {
		m.Attempts = append(m.Attempts, attemptRow(a).GetAttempt())
	}
	for w := range view.WorkersOfRun(run.ID) {
		m.Workers = append(m.Workers, workerRow(w).GetWorker())
	}
	f := Finished{Run: m}
	if application := view.Application(run.Application); application != nil {
		f.Application = applicationRow(application).GetApplication()
	}
	if content := view.Content(run.Inherited); content != nil {
		f.Inherited = content.Defined
	}
	return f
}

// Recall returns a view that has runs again which left the state, beside all that a view has, so that who reads a run
// need not know where it lies. What the view has already stays as it is there. It is for reading: its runs count again,
// and nothing is decided on it.
func Recall(view *state.View, finished ...Finished) *state.View {
	tx := view.Begin()
	for _, f := range finished {
		recall(tx, f)
	}
	return tx.Commit()
}

func recall(tx *state.Tx, f Finished) {
	run := jobRunOf(f.Run.GetJobRun())
	if tx.View().JobRun(run.ID) != nil {
		return
	}
	if f.Application != nil && tx.View().Application(run.Application) == nil {
		tx.PutApplication(applicationOf(f.Application))
	}
	if f.Inherited != nil && tx.View().Content(run.Inherited) == nil {
		tx.PutContent(state.Content{Digest: run.Inherited, Defined: f.Inherited})
	}
	tx.PutJobRun(run)
	for _, a := range f.Run.GetAttempts() {
		tx.PutAttempt(attemptOf(a))
	}
	for _, w := range f.Run.GetWorkers() {
		tx.PutWorker(workerOf(w))
	}
}
