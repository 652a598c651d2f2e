// Package placement runs the scheduler. On the leader, and only there, it keeps a book of what the scheduler plans on,
// which follows the newest view, lets the scheduler plan, and proposes every part of the plan to the door, where it is
// checked again. It also applies the deadlines that follow from time alone.
//
//	placement.go  the loop
//	propose.go    plan → door
//	aside.go      runs and applications that are left out for a while, as the planner panics on them
//	deadlines.go  runs that waited too long, applications that are idle
//	service.go    drains, and nodes that are tried again after they were set aside
//	waits.go      why runs, and slots of applications, wait: for those who ask
//	audit.go      the book is compared with one that is made anew
//	shortage.go   which executors drivers cannot have, and why: for dispatch, which tells them
//	proposal/     view → what is planned on, anew or by what has changed; plan → commands. Pure
//	avoidance/    nodes that could not prepare slots
//
// Its memory (pacing, refused plans, why runs wait) may be lost at any time: a new leader begins with none.
package placement
