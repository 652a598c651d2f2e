// Package agent runs on every node: it offers the node's resources to the cluster, and makes what servers want of the node's
// workers come true.
//
// The parts, each in its file: connect.go finds the leader, session.go holds the connection to it, take.go and tell.go are what
// goes each way. lease.go says how long the agent may keep workers without hearing from a leader, and proof.go when it may go on
// without one. assign.go takes what servers want; parts.go says when all parts of an assignment are there. fleet.go gives each worker a
// goroutine, which takes it one step further at a time (worker.go, step.go). slots.go prepares the node for workers to come; warmth.go
// and keeper.go keep processes waiting in them. outbox.go tells every change until a server has it in the log. ship.go takes logs to
// where they are kept. data.go serves what a server asks to read: logs, how a worker was started (launch.go, without what redact.go
// replaces), and pages of drivers and of histories (ui.go, history.go). isolation.go sees whether workers can be isolated, and says what
// that lacks here; ports.go opens the firewall.
//
// The agent is root, and what belongs to a run is hostile: package runtime gives each worker a home, package guest touches what is in
// it. The files of this package touch the agent's own only; a linter holds that.
//
// Desired state is written by servers only, observed state by agents only. Workers outlive the agent: Run leaves them to their
// shims when it returns, and the next Run adopts them. In the data directory are, beside what agent/runtime and agent/shipping keep
// there:
//
//	node.json                 the node's id, made once
//	servers.json              the servers that the newest leader named, where they listen, and how long its leases are
//	lock                      held by the agent that runs
//	workers/<id>/assigned.pb  the worker's newest assignment, 0600, it holds the attempt's secret
//	workers/<id>/launch.pb    how the worker was started, without secrets, for who asks
//	logs/applications/...     stdout and stderr of workers, as they are shipped; see logs.go
//	homes/history-<id>/events/  the event log that a history server shows
//	releases/                 releases, unless the configuration names other directories; in the first one is .rehearsal.lock, see turn.go
package agent
