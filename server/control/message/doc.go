// Package message shows the state as messages of the API: a row of a view becomes a message, with what is counted
// beside it. It is pure, and decides nothing.
//
//	node_service.go  what a node takes, and why
//	row.go        applications, workers and nodes; times, amounts and failures in all of them
//	job_run.go    runs and their attempts; a list shows a run without what may be large
//	details.go    what only the answer for a single run has: the settings that hold in the end, and what it used
//	pool.go       the pre-initialised slots of an application
//	segment.go    segments of the history
//	release.go    releases: those of the table, and those that this cluster added
//	runnable.go   why a release cannot run here
//	event.go      events for those who watch, without any user's text
//
// What users said is the row's own message, which nobody changes.
package message
