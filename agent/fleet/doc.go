// Package fleet is the workers of this node.
//
// Servers say which workers they want (Assign, Keep, Dismiss); the fleet makes that come true. Each worker has a
// goroutine, which takes it one phase further at a time, from its assignment until a server has its end in the log:
// prepared by its engine, started by the runtime or as the process that waits in its slot, watched, stopped, told,
// forgotten. Others only change what is wanted of it, and wake it.
//
//	fleet.go    all workers, and what ends them together: the lease, and an agent that is to stop them
//	assign.go   what servers want
//	adopt.go    what an earlier agent left
//	worker.go   one worker: what is wanted, what it is, and who wakes it
//	advance.go  takes it to its next phase; start.go: how it is started
//	status.go   what is told of it; excerpt.go: the last words of its logs
//	launched.go how it was started, for people who ask
//	ship.go     where its logs go
//	runtime.go  what the fleet needs of what holds workers
//
// Run returns when every worker's goroutine has. The workers themselves go on, held by the runtime, and the next agent
// adopts them. In a worker's directory the fleet keeps assigned.pb, its newest assignment with the attempt's secret,
// and launch.pb, how it was started, without secrets.
package fleet
