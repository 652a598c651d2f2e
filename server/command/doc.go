// Package command decides. Each command (create this application, place these workers, this node reports that) has a
// method Decide. From the newest view it gives the facts that follow, or an error that says why not. Nothing else in
// Headrace decides: idempotency, limits, retries and deadlines are all settled here, one decision after another, inside
// the door.
//
// Deciding is pure. Clock, ids and configuration arrive in Meta. There is no I/O and no randomness, and no order of a
// map decides. A decision may run again on a newer view, so a command sets its results again each time. Text was read
// before: numbers have their ranges, and the meaning of a submission is resolved, unless the application's settings
// have changed since.
//
//	access_key.go             keys of the HTTP API
//	add_release.go            what a label means, and when that may change
//	admission.go              the places that an application's runs take, and the queue for them
//	application.go            create, start, stop, delete
//	application_check.go      what a specification may say
//	application_state.go      what the states of an application do
//	application_update.go     change an application that rests
//	cancel_job_run.go         cancel a run
//	capacity.go               maximum capacity and the account's quota
//	cluster.go                the cluster's identity, once
//	content.go                what runs share, by digest
//	deadline.go               what follows from time alone
//	evict_slots.go            free slots that make room for a run of a higher priority
//	failure.go                how workers failed
//	failure_sign.go           which failure the last words of a program are a sign of
//	find.go                   applications and runs by id, or the refusal
//	history.go                runs that are over leave for the history, and when that is given up
//	limits.go                 the times, counts and sizes that decisions keep within
//	meta.go                   what a decision may know besides the state
//	node.go                   nodes register
//	node_service.go           nodes that operators take out of service; node_drain.go: what is on them leaves
//	node_failure.go           nodes that keep failing
//	node_gone.go              nodes are lost and forgotten
//	node_identity.go          which nodes may register
//	node_join.go              new nodes, and those that an operator approves
//	once.go                   repeated requests
//	place.go                  what the scheduler proposed for a run, checked again
//	place_check.go            its slots and its nodes
//	place_facts.go            the facts of such a proposal
//	place_numbers.go          the numbers and epochs of its workers
//	pool.go                   what the scheduler proposed for pre-initialised slots
//	pool_report.go            what nodes say of these slots
//	pool_settings.go          what processes in them are started with before there is a run
//	priority.go               whose work is served first
//	refusal.go                nodes that refuse to start what was placed
//	release.go                which releases there are
//	report.go                 what nodes say of workers
//	room.go                   which limit a run waits for
//	settle.go                 what follows for runs and applications if something ended
//	shape.go                  what a run's workers look like, and what they are started with
//	shape_hive.go             the same of Hive runs
//	start_job_run.go          a submission
//	start_job_run_check.go    what a release cannot run
//	step.go                   decisions that take several records
//	tag.go                    tags of applications and runs
//	utilization.go            what a run's workers held, and what of it is billed
package command
