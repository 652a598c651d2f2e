// Package logs keeps the managed logs of job runs on the servers' disks if no object store is configured for them.
//
// Agents append to the files of a Store, each file on two servers. Nothing is ever overwritten, so a copy that is
// shorter is a beginning of the longer one. Replicas reads a file from the server that has the longest copy. A Sweeper
// bounds how long and how much is kept on a server's disk; Objects does it at an object store, by age only. Stream
// reads a worker's output back out of its compressed parts, from any Backend.
//
//	<data_dir>/job-logs/applications/<application>/jobs/<run>/...    as package logpath names it
package logs
