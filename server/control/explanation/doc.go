// Package explanation says for people what a job run waits for: which limit or resource, who holds it, and what would
// free it.
//
// It is pure and decides nothing. It is handed the view, what the newest plan of the scheduler said, and the cluster's
// limits.
//
//	explanation.go  which kind of wait it is
//	submitted.go    runs whose application is not started
//	queued.go       runs that wait for one of their application's places
//	waiting.go      runs that the scheduler left waiting
//	approval.go     nodes that are here and take nothing: those that wait for an operator; service.go: the others
//	holder.go       who holds what they wait for
//	progress.go     what nodes say that they do for it: copy its release, run its Spark jobs
//	next_step.go    what to do about it
package explanation
