package state

import (
	"iter"
	"slices"
	"time"
)

// Finished yields the runs that are over by their end, then by id.
func (v *View) Finished() iter.Seq[*JobRun] {
	return func(yield func(*JobRun) bool) {
		for id := range v.finished.all() {
			if !yield(v.runs.get(id)) {
				return
			}
		}
	}
}

// CountFinished returns how many runs are over.
func (v *View) CountFinished() int { return v.finished.rows.Len() }

// Archivable yields the runs that may leave the state, by their end and then by id: those that are over and of which no
// worker lives, which may still be when a run failed.
func (v *View) Archivable() iter.Seq[*JobRun] {
	return func(yield func(*JobRun) bool) {
		for run := range v.Finished() {
			if !v.HasLiveWorkers(run.ID) && !yield(run) {
				return
			}
		}
	}
}

// ArchivableThrough yields those of the runs that may leave the state up to one that ended at a time.
func (v *View) ArchivableThrough(ended time.Time, id string) iter.Seq[*JobRun] {
	last := finishedKey(ended, id)
	return func(yield func(*JobRun) bool) {
		for run := range v.Archivable() {
			if finishedKey(run.Ended, run.ID) > last || !yield(run) {
				return
			}
		}
	}
}

func finishedKey(ended time.Time, id string) string { return key(part64(Nano(ended)), id) }

// RemoveJobRun removes a run that is over and of which no worker lives, with its attempts and workers, and what only it
// named.
func (tx *Tx) RemoveJobRun(id string) {
	v := tx.view
	run := v.runs.get(id)
	for _, w := range slices.Collect(v.WorkersOfRun(id)) {
		v.workers.remove(w.ID)
		v.workersOfRun.remove(workerKey(w))
	}
	for _, a := range slices.Collect(v.Attempts(id, 0)) {
		v.attempts.remove(key(a.Run, part(a.Number)))
	}
	tx.refer(run, &JobRun{})
	tx.count(run.Application, run.State, 0)
	v.runs.remove(id)
	v.runsOfApplication.remove(key(run.Application, id))
	v.finished.remove(finishedKey(run.Ended, id))
	changed(&v.changes.Runs, id)
}
