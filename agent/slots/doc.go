// Package slots prepares the pre-initialised slots of this node: resources that servers keep free on it for workers to
// come.
//
// A slot is prepared when the release that its workers need is on the node, and a process waits in it where their
// engine can keep one (engine.Warmer). The agent says so once for each slot. A process that cannot be kept waiting is
// no reason against a slot: workers start cold then. What lost a process of its own for memory counts as dead. Nothing
// else waits for slots: a worker takes what is there.
//
//	slots.go    which slots there are, and the releases that are brought for them, once for all
//	warmth.go   what waits in each slot, and how it becomes a worker
//	keeper.go   one process that is kept waiting: started, rehearsed, and again when it has died
//	turn.go     whose rehearsal is next, as there is one at a time on a machine
//	starved.go  what waits and lost a process for memory
//	like.go     what a process is warmed for before a worker was in its slot
//	releases.go, runtime.go   what is needed of releases, and of what holds workers
//
// In the first directory of releases is .rehearsal.lock, which agents that share it take turns on.
//
// Package fleet hands in what servers want of slots, uses what waits in them, and says when a worker has left one. Run
// ends everything that waits: nothing of it outlives the agent, but an agent that dies leaves processes that the next
// one finds and discards.
package slots
