// Command headrace is all of Headrace in one binary: the server and the agent of a cluster, headrace dev, which runs a
// whole cluster on this machine, and the commands of its users and operators.
//
// An agent starts this binary as headrace shim to hold a worker. main checks for that first, before anything that takes
// time or memory, because every worker has a shim.
//
//	main.go      the process: shim or command, signals, exit code
//	root.go      all commands
//	server.go    settings → server.Config
//	agent.go     settings → agent.Config, and the engines; isolation.go: how workers are kept apart
//	tls.go       headrace tls
//	dev.go       headrace dev and headrace demo; dev_isolation.go: how their workers are kept apart
//
// Package config reads settings; client calls a cluster; cli has the commands of users and operators; manifest reads
// and writes files for apply; dev supervises a cluster on this machine; demo runs a word count on it; output writes
// tables and JSON.
package main
