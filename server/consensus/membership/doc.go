// Package membership begins a Raft cluster and keeps its voters, by what gossip says.
//
// Beginning: every server with bootstrap_expect N and no state waits until it sees N such servers. Then it publishes
// its choice: the first N of them by id. It never changes its choice while the process lives. Once all chosen servers
// have published the same choice, each of them bootstraps Raft with that list. So two lists that share a server can
// never both be begun.
//
// Keeping: the leader makes every server that gossip shows a voter. It takes the vote of a server that left for good,
// or whose Raft address belongs to another server now. A server that merely failed keeps its vote for as long as it
// takes.
//
//	membership.go  the loop: begins a cluster, then keeps its voters
//	choice.go      the servers that a cluster would begin with
//	voters.go      whose vote is to come, or to go
package membership
