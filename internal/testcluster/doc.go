// Package testcluster runs whole clusters inside a test: real servers on loopback ports, and simulated nodes that speak
// to them as agents do, over gRPC, but whose workers are functions in memory.
//
//	cluster.go   servers that begin a cluster together, and who leads them
//	server.go    one of them: stopped and started again on the same data
//	secure.go    its certificates, if it has any
//	client.go    the native API of a server, and calls that outlast a change of leader
//	node.go      a simulated node: cut off, healed, crashed
//	agent.go     its way to the leader, and its lease with the proof that nobody leads
//	session.go   its session: register, renew, take assignments, report until acknowledged
//	slot.go      pre-initialised slots on it: prepared at once, slowly, or never
//	data.go      its Data streams, which serve logs
//	worker.go    a worker of it, from start to end
//	program.go   what workers do: the test's script
//	ledger.go    what must never happen: a worker started twice, two drivers of a run at once
//	wait.go      conditions instead of sleeps; solo is a door without a server
//
// A server is stopped in an orderly way, so its successor is elected at once; what SIGKILL does is for tests with
// processes.
package testcluster
