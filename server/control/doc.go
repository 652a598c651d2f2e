// Package control is the native gRPC API: the shapes of requests and answers, checked and translated, and the way to the leader.
// No rule lives here: a write becomes a command for the door, a read becomes a look at a view.
//
//	forward.go       writes and other leader's calls go on to the leader, with their request id, and are repeated when their
//	                 outcome is unknown
//	read.go          linearizable reads, on every server
//	application.go   job_run.go  node.go  cluster.go   the services, one file per noun
//	submission.go    a StartJobRunRequest, checked
//	convert*.go      rows → messages
//	watch.go         events from a position
//	log.go           logs, through the agent that has them
//	page.go          page tokens
package control
