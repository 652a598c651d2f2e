// Package gossip lets servers find each other: who is there, at which addresses, with which versions
// (hashicorp/memberlist over UDP and TCP, encrypted when there is a key). It spreads hints only. What it
// says is never a reason to kill work, to take a vote from a server that did not ask for that, or to believe anything
// about the state.
//
//	gossip.go    join, leave, and who is there
//	config.go    the settings; settings.go: the same for the library; key.go: the key of its messages
//	member.go    what a server tells of itself
//	clock.go     what the clocks of the others say
//	unreached.go what is said of servers that cannot be reached
//	delegate.go  what the library asks and tells; news.go: what follows from that
package gossip
