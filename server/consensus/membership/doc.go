// Package membership begins a Raft cluster and keeps its voters, by what gossip says.
//
// Beginning: every server with bootstrap_expect N and no state waits until it sees N such servers. Then it publishes
// its choice: the first N of them by id. It never changes its choice while the process lives. Once all chosen servers
// have published the same choice, each of them bootstraps Raft with that list. So two lists that share a server can
// never both be begun.
//
// A server says what it expects only once it has seen that its data directory has no log, so that nobody counts on one
// that took part before.
//
// Entering: where there is a cluster, a server without a log asks its leader (Admit) before it takes part, and lets no
// other server in before. The leader refuses one whose id has a vote: it may have voted, and lost its log with the
// memory of that. Unless it never took part: that its data directory is promised to its id is kept there before anybody
// may give it a vote, among the votes, so that it cannot outlive them. A server with a log asks, too, when it hears of
// no leader: one that was removed is told so.
//
// Keeping: the leader makes a voter of every server that it let in, and follows the addresses of those that have a log.
// It takes the vote of a server that left for good, whose Raft address belongs to another server now, or that an
// operator removed (Remove). A server that merely failed keeps its vote for as long as it takes. One without a vote
// that is not there any more is forgotten.
//
//	membership.go  the loop: begins a cluster or enters one, then keeps its voters
//	choice.go      the servers that a cluster would begin with
//	admission.go   who may take part, and how a server asks
//	removal.go     a server that an operator removes
//	voters.go      whose vote is to come, or to go
package membership
