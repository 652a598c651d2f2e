// Package dispatch speaks with agents. On the leader it holds a session with every node: it tells each what to run
// (first the complete assignment, then changes), brings their reports to the door, and keeps their leases. On every
// server it hands Data streams, which agents dial, to whoever asked for them.
//
//	dispatch.go      the gRPC service
//	session.go       one agent's session
//	leadership.go    all sessions and leases of this server while it leads
//	follow.go        the events that are applied → whose session has news
//	register.go      an agent's first message, checked
//	caller.go        who makes a call: the node of the certificate, or without TLS the one that it says
//	known.go         what a call may ask, looked for in the newest state if this server's is older
//	destinations.go  where the logs of a worker are taken to
//	log.go           managed logs on the servers' disks, stored and fetched
//	log_owner.go     whose a log file is
//	upload.go        files of users, for the nodes of their runs
//	progress.go      what nodes say that they do, for people
//	grant.go         leave to read the logs that a node was asked to show
//	bounds.go        how much and how often
//	inventory.go     what a node has when it comes, in parts
//	report.go        its reports
//	assignment.go    view → what a node is to run
//	shortage.go      executors that drivers cannot have → what they are told
//	program.go       view → what workers run, once for all that run the same
//	pool_program.go  view → what processes that wait in slots are to fit
//	parts.go         an assignment cut into messages that every agent takes
//	steps.go         decisions that take several records, and what cannot be decided or told
//	touched.go       event → whose assignment it may change
//	lease.go         who may keep workers until when
//	warmth.go        in which slots processes wait, as agents say it with their renewals
//	tickets.go       Data streams on their way
//
// What is wrong with one run or one worker ends that one only. If the program of a worker cannot be made, the worker is
// told to stop; if a status cannot be decided on, it is left out; a panic ends the session in which it happened.
//
// Desired state is written here and nowhere else; what agents observe enters through reports only. Leases live in
// memory: a new leader grants every node a full one before it counts.
//
// Messages of the log name their node through the session's context (internal/logging).
package dispatch
