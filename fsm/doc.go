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
//	machine.go                              the newest view, and the next record
//	apply.go                                a line per event; the function is in the file of its noun:
//	apply_application.go, apply_job_run.go, apply_attempt.go, apply_worker.go, apply_slot.go, apply_node.go,
//	apply_node_service.go, apply_cluster.go, apply_access_key.go,
//	apply_history.go                        each noun; apply_content.go: what runs share
//	draft.go                                facts of a decision, applied to a scratch copy
//	snapshot.go                             the file; snapshot_rows.go: a line per kind of row, and their order
//	snapshot_run.go, snapshot_convert.go    rows of runs, attempts and workers; and all other rows; snapshot_node.go:
//	                                        parts of a node's row
//	digest.go                               the fingerprint
//	finished.go                             a run that is over as a message, and a view that has it again
//
// CONTRIBUTING.md says how to add an event.
package fsm
