// Package fsm turns the log's records into state. It is the only code that changes state for good, the same on leader,
// follower, restore and simulation.
//
//	Machine         holds the newest view; Apply takes the next record
//	ApplyEvents     the view after some events; the door decides on such scratch views
//	WriteSnapshot   the state as a file, and ReadSnapshot back
//	Digest          a fingerprint of a state, compared between replicas
//
// Events are facts. Applying one never computes what the deciding server already knew, never reads a clock or
// configuration, and never refuses. If an event is unknown, or does not fit the state, an invariant is broken and the
// process stops. If a record's number is not the next one, the whole record is void, on every replica alike.
//
// There is one apply function per event, in the file of its noun (apply_application.go, apply_job_run.go, ...).
// CONTRIBUTING.md says how to add an event.
package fsm
