// Package lease says how long the workers of this node may go on.
//
// A leader grants leases; each counts from the moment at which it was asked for, on a clock that counts through
// suspension. The processes that hold the workers know the same deadline and enforce it without the agent, so a worker
// never outlives its lease. The agent asks its workers to stop a fifth of a lease before (Watch), so that they have
// time to.
//
//	lease.go  the deadline: granted by a leader, or proven
//	proof.go  when the cluster is provably leaderless, so that nobody can have replaced this node's workers
//
// Package session moves the lease, package fleet watches it. Nothing runs here by itself, so there is no Run.
package lease
