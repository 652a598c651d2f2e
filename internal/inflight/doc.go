// Package inflight limits what is under way at once: in all, and for each client, so that no client takes the places of
// all others. If there is no place, a caller is refused, or waits for a while first.
//
//	limit.go     a limit: its places, and the share of each client
//	listener.go  a listener whose connections take places
//	client.go    how clients that have proved nothing are told apart: by their address
package inflight
