// Package session is the agent's connection to the leader.
//
// Sessions finds who leads, holds a session with it, and finds the next one when that breaks, until its context ends. A
// session is one stream: the agent registers with all that the node has, renews its lease, takes what the leader wants
// and tells what changes, until that is acknowledged.
//
//	sessions.go  one session after another, and why one could not be had
//	leader.go    asks all servers who leads; while nobody does, their answers prove a longer lease
//	untaken.go   why no server takes the node
//	session.go   one session: registered, served, left
//	take.go      what the leader says
//	tell.go      what it is told
//	parts.go     an assignment comes in parts: when all of it is there
//	programs.go  workers and slots of a part name their programs by number
//
// What the node has and does is elsewhere: the session knows the fleet by the few methods that it needs of it (Fleet).
// One goroutine receives; the one that called Run does everything else, so nothing here is locked.
package session
