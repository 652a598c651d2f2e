// Package proposal stands on both sides of the scheduler: it turns a view into what scheduler.Plan plans on, and the
// plan into commands. It is pure: the moment, what drivers want and which nodes are avoided are handed in, so that
// package placement on a leader and the simulation ask the scheduler in the same way.
//
//	build.go        view → scheduler.Input, and why runs are left out of it
//	request.go      runs that wait for room
//	occupant.go     who is on a node, and until when at most
//	growth.go       how many executors may be added now: target, pacing, back-off
//	application.go  owners, with the pre-initialised slots that they miss
//	memory.go       what is remembered between plans
//	book.go         the same, kept from one plan to the next; writer.go: it follows what changes; due.go: when time does
//	deadlines.go    when runs have waited, or run, for too long
//	compare.go      is a book as one that is made anew?
//	commands.go     plan → commands
package proposal
