// Package history keeps job runs that are over and have left the state: in segments, which are Parquet files, named by
// their digests. The state has a row for each segment, and knows by its ranges which segments may have a run.
//
//	<dir>/<SHA-256>.parquet  a complete and verified segment (package segment)
//	<dir>/<SHA-256>.index    its index, which is made again if it is missing or damaged
//	<dir>/.incoming-*        what is being written or received; removed when that fails
//
// The leader writes a segment of the runs that are to leave, has another server keep it, and only then has the door
// take the fact: from that record on the runs are there and nowhere else. Every server brings the segments that it
// lacks, in its own time, and at once when somebody asks for a run in one. When the log drops a segment, each server
// removes its copy. A copy that is damaged stays until another one has come in its place: it may be the last one.
// docs/decisions/0023 says why.
//
// Who reads a run of the history gets a view that has it again (fsm.Recall), so that nobody else need know where a run
// lies.
//
//	store.go     the segments on this server's disk; sweep.go: which of them go
//	replicas.go  those of all servers; bring.go: this one brings those that it lacks
//	history.go   a run by its id, or by that of a worker
//	workers.go   which workers come first
//	list.go      runs by what lists select by, newest first
//	session.go   segments that one call reads
//	archiver.go  the leader's: runs leave the state, segments are dropped
package history
