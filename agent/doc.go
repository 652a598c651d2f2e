// Package agent runs on every node: it offers the node's resources to the cluster, and makes what servers want of the
// node's workers come true.
//
// The agent is rooms, each a package that can be known by itself. This package makes them, hands each what it needs,
// and runs them (Run): every room has a Run that ends with its context, and is waited for.
//
//	session    the connection to the leader: found, registered on, held
//	fleet      the workers: what is wanted of each, and what becomes of it; it watches the lease
//	slots      the pre-initialised slots, and the processes that wait in them
//	data       what servers ask to read: logs, how a worker was started, pages
//	history    the event logs of attempts that are over, shown to people
//	shipping   logs, taken to where they are kept
//	guard.go   workers kept from the ports of servers and of other runs, by package firewall
//
// What they share has no Run, as nothing runs in it:
//
//	runtime    holds workers: package runtime on a machine, its twin runtime/memory where there is none;
//	           Runtime is what rooms need of it
//	engine     the contract with what runs a kind of program; spark and process keep it
//	lease      how long workers may go on, granted by a leader or proven
//	outbox     what the leader is to be told
//	servers    which servers there are, and how they are called
//	release    the node's releases
//	launch     how a worker was started, without secrets
//	disk, durable, tasks   how full a disk is; small files that outlive a crash; what a room begins while it runs
//
// Here are, beside the making (agent.go) and the order (run.go): config.go, what an operator sets; node.go, what the
// node says of itself; isolation.go, whether workers can be isolated, and what that lacks here; runtime.go, what holds
// the workers; lock.go, one agent in a data directory.
//
// The agent is root, and what belongs to a run is hostile: package runtime gives each worker a home, package guest
// touches what is in it. Few files of the agent open files at all, and those touch the agent's own only; a linter holds
// that.
//
// Desired state is written by servers only, observed state by agents only. Workers outlive the agent: Run leaves them
// to their shims when it returns, and the next Run adopts them. In the data directory are, beside what runtime and
// shipping keep there:
//
//	node.json                 the node's id, made once
//	servers.json              the servers that the newest leader named, where they listen, and how long its leases
//	                          are; see servers
//	lock                      held by the agent that runs
//	workers/<id>/assigned.pb  the worker's newest assignment, 0600, it holds the attempt's secret; see fleet
//	workers/<id>/launch.pb    how the worker was started, without secrets, for people who ask; see fleet
//	logs/applications/...     stdout and stderr of workers, as they are shipped; see fleet
//	homes/history-<id>/events/  the event log that a history server shows; see history
//	releases/                 releases, unless the configuration names other directories; in the first one is
//	                          .rehearsal.lock, see slots
package agent
