// Package simnode simulates nodes: real agents (package agent) on machines in memory (package agent/runtime/memory),
// whose workers are functions. Sessions, leases, reports and slots are those of an agent; nothing of it is written here
// a second time. Thousands of nodes fit into one process, where they share connections to the servers.
//
//	node.go         a node: started, cut off, healed, crashed
//	config.go       what a node offers and does
//	link.go         its way to the servers, which can be cut
//	connections.go  the connections that nodes share
//	held.go         its machine, as its agent has it
//	releases.go     the releases that it holds, and brings for slots
//	engine.go       the engine of all its workers
//	worker.go       a worker as its program sees it
//	program.go      what workers do: the test's script
//	ledger.go       what must never happen: a worker started twice, two drivers of a run at once
package simnode
