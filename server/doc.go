// Package server puts a server together: consensus, the native API, agents' sessions, placement, gossip and release cache, on
// their listeners, with their certificates. What each part does stands in its own package; follow a request by their names:
//
//	control → command → consensus → fsm → dispatch → (agent)      placement → scheduler
//
// Its own are the listeners: how many connections and calls there may be (gate.go, share.go, http.go), that a panic is its call's error
// (panic.go), and that a server ends (stop.go).
package server
