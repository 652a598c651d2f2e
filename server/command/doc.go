// Package command decides. Each command is a wish (create this application, place these workers, this node reports that) with a
// Decide method: from the newest view it gives the facts that follow, or an error that says why not. Nothing else in Headrace
// decides: idempotency, limits, retries and deadlines are all settled here, one decision after another, behind the door.
//
// Deciding is pure. Clock, ids and configuration arrive in Meta; there is no I/O, no randomness, and no order of a map decides.
// A decision may be run again on a newer view, so a command sets its results anew each time.
//
//	application.go    create, start, stop, delete; what its states do
//	start_job_run.go  submission, with shape.go: what its workers look like
//	cancel_job_run.go
//	place.go          what the scheduler proposed, checked again
//	report.go         what nodes say of workers
//	refusal.go        nodes that refuse to start what was placed
//	node.go           nodes come, are lost, are forgotten
//	settle.go         what follows for runs and applications when something ended
//	deadline.go       what follows from time alone
//	once.go           repeated requests
package command
