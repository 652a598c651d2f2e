package state

import (
	"iter"
	"time"
)

// JobRunState is where a job run is in its life. The numbers are those of the event log.
type JobRunState int32

// The states of a job run.
const (
	RunSubmitted  JobRunState = 1
	RunQueued     JobRunState = 2
	RunPending    JobRunState = 3
	RunScheduled  JobRunState = 4
	RunRunning    JobRunState = 5
	RunCancelling JobRunState = 6
	RunSuccess    JobRunState = 7
	RunFailed     JobRunState = 8
	RunCancelled  JobRunState = 9
)

// String returns the state's name.
func (s JobRunState) String() string {
	return name(s, "", "SUBMITTED", "QUEUED", "PENDING", "SCHEDULED", "RUNNING", "CANCELLING", "SUCCESS", "FAILED", "CANCELLED")
}

// Terminal says whether a run stays in the state for ever.
func (s JobRunState) Terminal() bool { return s >= RunSuccess }

// JobRun is one submission to an application.
type JobRun struct {
	ID          string
	Application string
	Release     string
	CreatedBy   string
	Submission  *Submission // shared by all rows and attempts of the run
	Shape       Shape
	Inherited   Settings          // from its application, as it was then
	Tags        map[string]string // now

	State        JobRunState
	Failure      Failure
	Attempt      uint32 // its newest attempt
	GraceSeconds int64  // while it is cancelled: between the polite stop and the kill
	CancelledBy  string // empty: nobody asked for it

	Created  time.Time
	Updated  time.Time
	Entered  time.Time   // when it entered its state
	Started  time.Time   // when it first was RUNNING
	Ended    time.Time   // when it became terminal
	Failures []time.Time // when attempts failed, the newest ten
}

// JobRun returns the run with an id, or nil.
func (v *View) JobRun(id string) *JobRun { return v.runs.get(id) }

// JobRuns yields an application's runs, newest first, behind the run with id before; an empty one begins at the newest.
func (v *View) JobRuns(application, before string) iter.Seq[*JobRun] {
	end := key(application, "~") // sorts behind every id
	if before != "" {
		end = key(application, before)
	}
	return func(yield func(*JobRun) bool) {
		v.runsOfApplication.rows.Descend(end, func(k, id string) bool {
			return k >= end || k > key(application, "") && yield(v.runs.get(id))
		})
	}
}

// Unfinished yields the runs that are not over, by application and age; all of them when application is empty.
func (v *View) Unfinished(application string) iter.Seq[*JobRun] {
	prefix := ""
	if application != "" {
		prefix = key(application, "")
	}
	return func(yield func(*JobRun) bool) {
		for id := range v.unfinished.within(prefix) {
			if !yield(v.runs.get(id)) {
				return
			}
		}
	}
}

// HasUnfinished says whether an application has a run that is not over.
func (v *View) HasUnfinished(application string) bool {
	for range v.Unfinished(application) {
		return true
	}
	return false
}

// PutJobRun adds or replaces a run.
func (tx *Tx) PutJobRun(r JobRun) {
	index, from := key(r.Application, r.ID), JobRunState(0)
	if old := tx.view.runs.get(r.ID); old != nil {
		from = old.State
	}
	tx.count(r.Application, from, r.State)
	tx.view.runs.put(r.ID, &r)
	tx.view.runsOfApplication.put(index, r.ID)
	if r.State.Terminal() {
		tx.view.unfinished.remove(index)
	} else {
		tx.view.unfinished.put(index, r.ID)
	}
}

// AllJobRuns yields every run by id.
func (v *View) AllJobRuns() iter.Seq[*JobRun] { return v.runs.all() }
