package state

import (
	"cmp"
	"iter"
	"time"

	"github.com/headrace/headrace/internal/label"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
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
	return name(s, "", "SUBMITTED", "QUEUED", "PENDING", "SCHEDULED", "RUNNING", "CANCELLING", "SUCCESS", "FAILED",
		"CANCELLED")
}

// Terminal says whether a run in this state is over: it stays in it for ever.
func (s JobRunState) Terminal() bool { return s >= RunSuccess }

// JobRun is one submission to an application.
type JobRun struct {
	ID          string
	Application string
	Release     string
	CreatedBy   string
	Spec        *specv1.JobRun // what its user said, with every default; shared, and never changed
	Shape       Shape
	Inherited   string // the content that it inherits from its application, as it was then; empty: nothing
	Priority    uint32 // more is served first
	Launch      string // the content that its workers are started with; empty: its spec says it, or it is over

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
	Failures []time.Time // when attempts failed that count, the newest ten
	Excused  uint32      // attempts that do not count for the retry policy

	Queued time.Duration // how long it was QUEUED before its state, in whole milliseconds
}

// Streaming says whether the run goes on until it is cancelled.
func (r *JobRun) Streaming() bool {
	return r.Spec.GetMode() == specv1.JobRunMode_JOB_RUN_MODE_STREAMING
}

// Keep says whether the run's workers go on if their node's lease ends.
func (r *JobRun) Keep() bool {
	return r.Spec.GetOnDisconnect() == specv1.OnDisconnect_ON_DISCONNECT_KEEP
}

// Retried says whether the run's policy lets it have several attempts.
func (r *JobRun) Retried() bool { return r.Streaming() || r.Spec.GetRetryPolicy().GetMaxAttempts() > 1 }

// Apart says whether the logs of an attempt are kept apart from those of others. A run that may have one attempt has
// further ones only if the first did not count.
func (r *JobRun) Apart(attempt uint32) bool { return r.Retried() || attempt > 1 }

// Counted returns how many attempts, the newest included, count for the retry policy.
func (r *JobRun) Counted() uint32 { return r.Attempt - r.Excused }

// Spark returns the run's program, or nil if it is no Spark run.
func (r *JobRun) Spark() *specv1.SparkSubmit { return r.Spec.GetDriver().GetSparkSubmit() }

// Process returns the run's program, or nil if it is no PROCESS run.
func (r *JobRun) Process() *specv1.Process { return r.Spec.GetDriver().GetProcess() }

// Nodes says where the run's workers may go: where its application says, and where its own constraints hold besides.
func (r *JobRun) Nodes(application *Application) *label.Rules {
	return application.Nodes.With(constraintsOf(r.Spec.GetConstraints()))
}

// Timeout returns how long the run may take from its first RUNNING on; 0 is for ever.
func (r *JobRun) Timeout() time.Duration {
	return time.Duration(r.Spec.GetExecutionTimeoutMinutes()) * time.Minute
}

// QueuedAt returns how long the run was QUEUED until a time, in whole milliseconds.
func (r *JobRun) QueuedAt(now time.Time) time.Duration {
	if r.State != RunQueued {
		return r.Queued
	}
	return r.Queued + max(now.Sub(r.Entered), 0).Truncate(time.Millisecond)
}

// JobRun returns the run with an id, or nil.
func (v *View) JobRun(id string) *JobRun { return v.runs.get(id) }

// JobRuns yields an application's runs, newest first: those older than the run with the id before, or all if before is
// empty.
func (v *View) JobRuns(application, before string) iter.Seq[*JobRun] {
	end := key(application, "~") // sorts after every id
	if before != "" {
		end = key(application, before)
	}
	return func(yield func(*JobRun) bool) {
		v.runsOfApplication.rows.Descend(end, func(k, id string) bool {
			return k >= end || k > key(application, "") && yield(v.runs.get(id))
		})
	}
}

// JobRunsOfAll yields the runs of all applications, newest first: those older than the run with the id before, or all
// if before is empty.
func (v *View) JobRunsOfAll(before string) iter.Seq[*JobRun] {
	end := cmp.Or(before, "~") // sorts after every id
	return func(yield func(*JobRun) bool) {
		v.runs.rows.Descend(end, func(id string, run *JobRun) bool { return id >= end || yield(run) })
	}
}

// Unfinished yields an application's runs that are not over, by age. If application is empty, it yields those of all
// applications.
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
	changed(&tx.view.changes.Runs, r.ID)
	index := key(r.Application, r.ID)
	from := JobRunState(0)
	old := tx.view.runs.get(r.ID)
	if old != nil {
		from = old.State
	}
	tx.refer(old, &r)
	tx.count(r.Application, from, r.State)
	tx.view.runs.put(r.ID, &r)
	tx.view.runsOfApplication.put(index, r.ID)
	if r.State.Terminal() {
		tx.view.unfinished.remove(index)
		tx.view.finished.put(finishedKey(r.Ended, r.ID), r.ID)
	} else {
		tx.view.unfinished.put(index, r.ID)
	}
}

// AllJobRuns yields every run by id.
func (v *View) AllJobRuns() iter.Seq[*JobRun] { return v.runs.all() }
