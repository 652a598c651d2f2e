// Package dispatch speaks with agents. On the leader it holds a session with every node: it tells each what to run (first the
// complete assignment, then changes), brings their reports to the door, and keeps their leases. On every server it hands Data
// streams, which agents dial, to whoever asked for them.
//
//	dispatch.go    the gRPC service, and the tenure of this server as leader
//	session.go     one agent's session
//	tenure.go      all sessions and leases of a reign
//	register.go    its first message, checked
//	caller.go      who makes a call: the node of the certificate, or without TLS the one that it says
//	known.go       what a call may ask, looked for in the newest state where this server's is behind
//	log_owner.go   whose a log file is
//	grant.go       leave to read the logs that a node was asked to show
//	bounds.go      how much and how often
//	inventory.go   what a node has when it comes, in parts
//	report.go      its reports
//	assignment.go  view → what a node is to run
//	program.go     view → what workers run, once for all that run the same
//	parts.go       an assignment cut into messages that every agent takes
//	steps.go       decisions that take several records, and what cannot be decided or told
//	touched.go     event → whose assignment it may change
//	lease.go       who may keep workers until when
//	tickets.go     Data streams on their way
//
// What is wrong with one run or one worker is its own end, and nobody else's: a worker whose program cannot be made is told to stop, a
// status that cannot be decided is left out, and a panic ends the session in which it happened.
//
// Desired state is written here and nowhere else; what agents observe only enters through reports. Leases live in memory: a new
// leader grants every node a full one before it counts.
package dispatch
