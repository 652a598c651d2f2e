// Package server puts a server together: consensus, the native API, agents' sessions, placement, gossip and release
// cache, on their listeners, with their certificates. What each part does stands in its own package. Follow a request
// by their names:
//
//	control → command → consensus → fsm → dispatch → (agent)      placement → scheduler
//
// The listeners are this package's own: how many connections and calls there may be (gate.go, share.go, first.go,
// http.go), that a panic is the error of its call (panic.go), and that a server ends (stop.go).
package server
