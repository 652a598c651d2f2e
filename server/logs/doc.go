// Package logs keeps the managed logs of job runs on the servers' disks, when no object store is configured for them.
//
// Agents append to the files of a Store, each file on two servers; nothing is ever overwritten, so a copy that is behind is a
// beginning of the other one. Replicas reads a file from whichever server has most of it. A Sweeper bounds how long and how much
// is kept, here and at an object store. Stream reads a worker's output back out of its compressed parts, from any Place.
//
//	<data_dir>/job-logs/applications/<application>/jobs/<run>/...    as package logpath names it
package logs
