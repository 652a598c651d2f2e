// Package flock waits for locks of files, by which processes of one machine take turns. The kernel gives a lock back
// when its file is closed, also when the process that had it died.
package flock
