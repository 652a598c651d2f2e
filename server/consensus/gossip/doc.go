// Package gossip lets servers find each other: who is there, at which addresses, with which versions
// (hashicorp/memberlist over UDP and TCP, encrypted when there is a key). It spreads hints only. What it
// says is never a reason to kill work, to take a vote from a server that did not ask for that, or to believe anything
// about the state.
package gossip
