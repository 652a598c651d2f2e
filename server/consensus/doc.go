// Package consensus is the one door to the cluster's state, and the only place that runs Raft.
//
// The way of a change:
//
//	Execute → queue → decider (leader only) → record → raft log → fsm.Machine → Window
//	                                                       Window → watchers, placement, dispatch
//
// A caller hands Execute a Decision: a pure function from the newest state to events. On the leader one goroutine takes
// what waits, runs the decisions one after another on a scratch copy of the state, and proposes all their events as one
// record. While that record commits, the next batch gathers. So facts are decided serially and throughput is batch size
// over commit latency.
//
// What holds:
//   - Every record carries its number. A record that is not the next is void on every replica, and its decisions run
//     again.
//   - A new leader decides nothing before its barrier is applied, that is before it has seen all that was committed
//     before.
//   - At most one record is in flight. raft#697 makes a returning server install snapshots for ever when more entries
//     are in flight than TrailingLogs keeps; one record is far below 4,096, which is far below the 10,240 that Validate
//     demands.
//   - What a caller is told is true: its events are committed (no error), they were not and will not be (most kinds),
//     or nobody knows (errs.Unknown).
//   - If a decision panics, it is refused alone, as errs.Internal: it worked on a scratch copy. A panic while a record
//     is applied stops the process, as the state is broken then.
//   - Replicas compare a digest of the state at checkpoints. A difference stops the process, as does a record that
//     cannot be decoded.
//   - Every entry has a checksum, which is verified whenever the entry is read from disk. A server whose log is damaged
//     stops, and applies and sends nothing of it.
//
// A server that gives up, for whatever reason, is silent at once (silence.go): it leads nobody, its connections to the
// others end, and who waits for it is told. Raft alone would go on with heartbeats while its disk hangs.
//
// Where messages between servers take long or get lost, heartbeats are answered by the newest answer for a while
// (pace.go), and servers wait longer before they ask for votes (arrivals.go). What ReadIndex proves stays as strict.
//
// Durations are reckoned in record time (Now), which goes on without a jump when the real clock was wrong. A server
// whose clock differs from those of a majority by more than two seconds proposes nothing, and steps down.
//
// Work that only the leader does (OnLeadership) starts after the barrier and ends with its context. Watchers read
// applied records from the Window at their own pace. Reads are linearizable by ReadIndex on the leader and WaitApplied
// anywhere.
//
//	consensus.go    its parts, and its way from Open to the end of Run; config.go: its settings
//	execute.go      the way in, and out to Raft; decision.go: what is decided, and what its caller is told
//	door.go         the one goroutine that decides; queue.go: what waits for it; batch.go: a record in the making
//	lead.go         what a leader does, and how it hands over; leadership.go: from gaining leadership to losing it
//	silence.go      a server gives up; succession.go: who leads, and in which term
//	contact.go      does a majority still follow? read.go: linearizable reads
//	replica.go      records and snapshots reach the state machine; installs.go: snapshots in a circle
//	window.go       the newest records, for their readers
//	checkpoints.go  digests, ours and the leader's
//	standing.go     may this server take part with the data directory that it has?
//	servers.go      the Raft configuration; versions.go: which events all servers know
//	clock.go        record time; clocks.go: is this server's clock right?
//	stores.go       log, votes and snapshots on disk; disk.go: the watch on the log's disk; checked.go: checksums
//	stream.go       Raft's connections; lines.go: all of them can be cut; pace.go: heartbeats over long ways
//	arrivals.go     how long to wait for a leader
//	raftlog.go      Raft's messages; ids.go: ids of what decisions create
//
// Sub-packages: gossip finds the other servers, membership bootstraps Raft and keeps its voters.
package consensus
