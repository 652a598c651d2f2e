// Package control is the native gRPC API: the shapes of requests and answers, checked and translated, and the way to
// the leader. No rule lives here: a write becomes a command for the door, a read becomes a look at a view. What a
// request says is checked here as far as it needs no state, with the field, the value and what is allowed; what it says
// of applications and job runs, by package spec.
//
//	forward.go       writes and other leader's calls go on to the leader, with their request id, and are repeated when
//	                 their outcome is unknown
//	read.go          linearizable reads, on every server
//	application.go   job_run*.go  tag.go  worker.go  node.go  cluster.go  release*.go  access_key.go   the services, one
//	                 file per noun
//	submission.go    program.go   a StartJobRunRequest, checked: as package spec does, and whether Linux could start it
//	convert*.go      details.go  pool.go   rows → messages; what users said is the row's own message, which nobody
//	                 changes
//	explain.go       what a run waits for; the words are in package explanation
//	runnable.go      why a release cannot run here
//	watch.go         watched.go   events from a position, without any user's text
//	log.go           logs, through the agent that has them
//	page.go          page tokens
package control
