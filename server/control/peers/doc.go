// Package peers is what servers do for each other, and what any of them needs of a node that only the leader can reach.
//
//	service.go   the leader's record for a read, the archives of releases, and agents that are asked to dial
//	upload.go    files of users, brought here and sent on
//	history.go   segments of the history, likewise
//	release.go   a release that one server took is recorded by the leader
//	log.go       the managed logs on this server's disk, which others read
//	streams.go   data streams of nodes: an agent has a session with the leader alone, so the leader asks it to dial the
//	             server that wants to read from its node; bounds keep one client from taking all streams of a node
//
// Only other servers may call the service; package server sees to that by their certificates.
package peers
