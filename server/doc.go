// Package server puts a server together: consensus, the native API, agents' sessions, placement, gossip and release
// cache, on their listeners, with their certificates. What each part does stands in its own package. Follow a request
// by their names:
//
//	control → command → consensus → fsm → dispatch → (agent)      placement → scheduler
//
// The listeners and their bounds are this package's own.
//
//	server.go         all parts, in the order in which they need each other; Run
//	config.go         the settings; keyring.go: the secret that servers share and the log never holds
//	members.go        which servers there are, which leads, and connections to them
//	listen.go         the gRPC listener, and who calls
//	gate.go           how many connections a listener has; share.go: how many calls; first.go: how many first messages
//	panic.go          a panic is the error of its call
//	mistaken.go       who connects speaks something else than the port does
//	members_list.go   how far each server is, and the removal of one
//	http.go           the HTTP listener: API and pages; authenticator.go: who sends a request to the API
//	health.go         gRPC's health protocol
//	replicate.go      what a server lacks is brought, with pauses that double while that fails
//	release.go        every server gets every release's archive
//	upload.go         every server gets the files of users that unfinished runs need; those that nobody needs go
//	history.go        runs that are over leave the state; every server gets every segment of the history
//	joblogs.go        where logs of runs are besides their nodes, and how long
//	stop.go           a server ends, whatever callers do
//
// A server that is told to stop hands over leadership first, while it serves, then ends its calls, then itself: its
// clients notice hardly more than a call that takes longer.
package server
