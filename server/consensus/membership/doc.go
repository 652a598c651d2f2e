// Package membership begins a Raft cluster and keeps its voters, by what gossip says.
//
// Beginning: every server with bootstrap_expect N and no state waits until it sees N such servers, then publishes its choice:
// the first N of them by id. A choice is never changed while the process lives. When all chosen servers published the same
// choice, each of them bootstraps Raft with the same list. So two lists that share a server can never both be begun.
//
// Keeping: the leader makes every server that gossip shows a voter, and takes the vote of one that left for good, or whose Raft
// address belongs to another server now. A server that merely failed keeps its vote for as long as it takes.
package membership
