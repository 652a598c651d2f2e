// Package agent runs on every node: it offers the node's resources to the cluster, and makes what servers want of the node's
// workers come true.
//
// The parts, each in its file: connect.go finds the leader, session.go holds the connection to it, take.go and tell.go are what
// goes each way. lease.go says how long the agent may keep workers without hearing from a leader, and proof.go when it may go on
// without one. assign.go takes what servers want; fleet.go gives each worker a goroutine, which takes it one step further at a
// time (worker.go, step.go); parts.go says when all parts of an assignment are there. slots.go prepares the node for workers to come.
// outbox.go tells every change until a server has
// it in the log; data.go serves what a server asks to read: logs, and how a worker was started (launch.go, without what redact.go
// replaces). Package agent/runtime holds the processes, and an Engine knows what a kind of program needs.
//
// Desired state is written by servers only, observed state by agents only. Workers outlive the agent: Run leaves them to their
// shims when it returns, and the next Run adopts them. In the data directory are, beside what agent/runtime keeps there:
//
//	node.json                 the node's id, made once
//	servers.json              the servers that the newest leader named, and how long its leases are
//	lock                      held by the agent that runs
//	workers/<id>/assigned.pb  the worker's newest assignment, 0600, it holds the attempt's secret
//	workers/<id>/launch.pb    how the worker was started, without secrets, for who asks
//	logs/applications/...     stdout and stderr of workers, as they are shipped; see logs.go
package agent
