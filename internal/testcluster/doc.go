// Package testcluster runs whole clusters inside a test: real servers on loopback ports, and simulated nodes (package
// simnode): real agents, whose workers are functions in memory.
//
//	cluster.go   servers that begin a cluster together, and who leads them
//	server.go    one of them: stopped and started again on the same data
//	secure.go    its certificates, if it has any
//	client.go    the native API of a server, and calls that outlast a change of leader
//	node.go      a simulated node of the cluster
//	leaks.go     nothing of it is left when tests end
//	wait.go      conditions instead of sleeps; solo is a door without a server
//
// A server is stopped in an orderly way, so its successor is elected at once; what SIGKILL does is for tests with
// processes.
package testcluster
