package command

import "time"

// Limits are the times, counts and sizes that decisions keep within.
type Limits struct {
	Submitted     time.Duration // a run may wait for its application to start
	Pending       time.Duration // a run may wait for room
	Scheduled     time.Duration // a driver may take to run, then the next node is tried
	SlotRest      time.Duration // an application has a free slot at least, before a run of a higher priority may have it
	BackoffFirst  time.Duration // between the first and the second attempt; doubles
	BackoffMax    time.Duration // between attempts at most
	StartRefusals int           // nodes that may refuse an attempt before it fails
	Deaths        uint32        // executors that may die in a row before the attempt fails, at least
	RequestTime   time.Duration // a request's outcome is kept
	TokenTime     time.Duration // the outcome under a client token is kept
	Tombstone     time.Duration // a deleted application still answers TERMINATED
	AccountCPU    int64         // thousandths of a vCPU that all workers of the account may hold together; 0: no quota
	Unfinished    int           // runs of one application that may be unfinished at once; more are refused
	AccessKeys    int           // access keys that there may be
	Releases      int           // releases that may be added
	StepBytes     int           // of facts: with as many, a decision leaves the rest to the next step; 0: it never does
	Nodes         int           // nodes that there may be, with those that are lost; more are refused
	DrainAsks     int           // executors of the cluster that drains have asked to leave, at once
	DrainStops    int           // workers of the cluster that are being stopped by drains, at once
	Finished      int           // runs that are over and stay in the state; of more, the oldest leave for the history

	HistoryAfter     time.Duration // a run that is over leaves the state for the history
	HistoryRetention time.Duration // the history is kept, from the end of a run on

	ApproveNodes bool // a node that joins is given nothing until an operator approves it
}

// DefaultLimits returns the limits of the specification, and ours where it says nothing.
func DefaultLimits() Limits {
	return Limits{
		Submitted:     15 * time.Minute,
		Pending:       6 * time.Hour,
		Scheduled:     10 * time.Minute,
		SlotRest:      time.Minute,
		BackoffFirst:  time.Second,
		BackoffMax:    time.Minute,
		StartRefusals: 3,
		Deaths:        10,
		RequestTime:   15 * time.Minute,
		TokenTime:     24 * time.Hour,
		Tombstone:     24 * time.Hour,
		Unfinished:    100_000,
		AccessKeys:    10_000,
		Releases:      1_000,
		StepBytes:     256 << 10,
		Nodes:         10_000,
		DrainAsks:     256,
		DrainStops:    256,
		Finished:      10_000,

		HistoryAfter:     time.Hour,
		HistoryRetention: 90 * 24 * time.Hour,
	}
}
