// Package dev runs a whole cluster on this machine: three servers and three zones with two agents each, as processes of
// the same binary, plain and on loopback, with everything in one data directory.
//
//	plan.go        what runs: ports, directories, settings of every child
//	ports.go       are the ports free?
//	lock.go        one dev for a data directory
//	keyring.go     the cluster's secret, made once
//	logs.go        logs of children, put aside when they are large
//	leftover.go    processes and sockets that an earlier dev left behind
//	child.go       one child: start, start again when it dies, stop
//	supervisor.go  all children: servers before agents, agents stopped before servers
//	dev.go         Run: the whole, step by step
//
// Agents stop their workers when they end, so a stopped dev leaves no process running. A killed dev may leave some; the
// next Run on the same directory ends them. If dev dies, the kernel sends SIGTERM to its children.
package dev
