// Package agent runs on every node: it offers the node's resources to the cluster, and makes what servers want of the node's
// workers come true.
//
// The parts, each in its file: session.go holds the connection to the leader; desired.go keeps what the servers want, lease.go
// how long the agent may keep workers without hearing from a leader, and proof.go when it may go on without one; worker.go takes
// one worker one step further at a time, fleet.go gives each worker a goroutine; outbox.go tells every change until a server has
// it in the log; data.go and logs.go serve what a server asks to read. Package agent/runtime holds the processes, and an Engine
// knows what a kind of program needs.
//
// Desired state is written by servers only, observed state by agents only. Workers outlive the agent: Run leaves them to their
// shims when it returns, and the next Run adopts them.
package agent
