// Package command decides. Each command is a wish (create this application, place these workers, this node reports that) with a
// Decide method: from the newest view it gives the facts that follow, or an error that says why not. Nothing else in Headrace
// decides: idempotency, limits, retries and deadlines are all settled here, one decision after another, behind the door.
//
// Deciding is pure. Clock, ids and configuration arrive in Meta; there is no I/O, no randomness, and no order of a map decides.
// A decision may be run again on a newer view, so a command sets its results anew each time. Text was read before: numbers have their
// ranges, and what a submission means is resolved, unless the application's settings have changed since.
//
//	application.go         create, start, stop, delete; application_state.go: what its states do
//	application_update.go  change one that rests; application_check.go: what a specification may say
//	start_job_run.go       submission, with start_job_run_check.go: gates, and shape.go: what its workers look like
//	admission.go           places among the runs of an application, and the queue for them
//	capacity.go            maximum capacity and the account's quota; room.go: which of them a run waits for
//	cancel_job_run.go
//	place.go               what the scheduler proposed for a run, checked again
//	pool.go                what it proposed for pre-initialised slots; pool_report.go: what nodes say of these
//	report.go              what nodes say of workers
//	refusal.go             nodes that refuse to start what was placed
//	failure.go             how workers failed, with failure_sign.go and stderr.go: what they said at their end
//	node.go                nodes come, with node_identity.go and node_join.go: which may; node_gone.go: they are lost and forgotten
//	step.go                decisions that take several records
//	settle.go              what follows for runs and applications when something ended
//	deadline.go            what follows from time alone
//	release.go             which releases there are; add_release.go: what a label means, and when that may change
//	access_key.go          keys of the HTTP API
//	tag.go                 tags of applications and runs
//	utilization.go         what a run's workers held, and what of it is billed
//	once.go                repeated requests
package command
