// Package logs keeps the managed logs of job runs on the servers' disks if no object store is configured for them.
//
// Agents append to the files of a Store, each file on two servers. Nothing is ever overwritten, so a copy that is
// shorter is a beginning of the longer one. Replicas reads a file from the server that has the longest copy. A Sweeper
// bounds how long and how much is kept on a server's disk; Objects does it at an object store, by age only. Stream
// reads a worker's output back out of its compressed parts, from any Backend.
//
//	<data_dir>/job-logs/applications/<application>/jobs/<run>/...    as package logpath names it
//
//	store.go     files on this server's disk; path.go: what they may be called
//	replicas.go  the longest copy of a file among all servers
//	objects.go   files at an object store
//	backend.go   what Replicas and Objects have in common
//	stream.go    a worker's output, read out of its parts
//	sweep.go     what of a store goes; sweeper.go: and when
package logs
