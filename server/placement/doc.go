// Package placement runs the scheduler. On the leader, and only there, it turns the newest view into the scheduler's Input,
// lets it plan, and proposes every placement of the plan to the door, where it is checked again. It also applies the deadlines
// that follow from time alone.
//
//	placement.go  the loop
//	input.go      view and demands → scheduler.Input
//	growth.go     how many executors may be added now: target, pacing, back-off
//	deadlines.go  runs that waited too long, applications that are idle
//	waits.go      why runs wait, for those who ask
//
// Its memory (pacing, refused plans, why runs wait) may be lost at any time: a new leader begins with none.
package placement
