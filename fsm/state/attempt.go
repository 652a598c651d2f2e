package state

import (
	"iter"
	"time"
)

// AttemptState is where an attempt is in its life. The numbers are those of the event log.
type AttemptState int32

// The states of an attempt.
const (
	AttemptWaiting   AttemptState = 1
	AttemptScheduled AttemptState = 2
	AttemptRunning   AttemptState = 3
	AttemptSucceeded AttemptState = 4
	AttemptFailed    AttemptState = 5
	AttemptCancelled AttemptState = 6
)

// String returns the state's name.
func (s AttemptState) String() string {
	return name(s, "", "WAITING", "SCHEDULED", "RUNNING", "SUCCEEDED", "FAILED", "CANCELLED")
}

// Over says whether the attempt has ended.
func (s AttemptState) Over() bool { return s >= AttemptSucceeded }

// Active says whether the attempt's workers are to run.
func (s AttemptState) Active() bool { return s == AttemptScheduled || s == AttemptRunning }

// Attempt is one try of a run.
type Attempt struct {
	Run     string
	Number  uint32
	State   AttemptState
	Failure Failure
	Zone    string // of all its workers, once it is scheduled

	AvoidZone  string   // where the attempt before failed
	AvoidNode  string   // the node on which it failed
	Refused    []string // nodes that refused to start it, never used again
	Refusals   []string // their reasons, in the same order
	NotBefore  time.Time
	LastNumber uint32 // the highest worker number that was given
	Deaths     uint32 // workers beside the driver that died in a row

	Created   time.Time
	Scheduled time.Time
	Running   time.Time
	Ended     time.Time
}

// Attempt returns an attempt of a run, or nil.
func (v *View) Attempt(run string, number uint32) *Attempt {
	return v.attempts.get(key(run, part(number)))
}

// Attempts yields a run's attempts after a number, oldest first.
func (v *View) Attempts(run string, after uint32) iter.Seq[*Attempt] {
	return v.attempts.after(key(run, ""), key(run, part(after)))
}

// PutAttempt adds or replaces an attempt.
func (tx *Tx) PutAttempt(a Attempt) {
	changed(&tx.view.changes.Runs, a.Run)
	tx.view.attempts.put(key(a.Run, part(a.Number)), &a)
}

// AllAttempts yields every attempt by run and number.
func (v *View) AllAttempts() iter.Seq[*Attempt] { return v.attempts.all() }
