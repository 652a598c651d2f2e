// Package places bounds what is under way at once: in all, and for each client, so that no client takes the places of
// all others. If there is no place, a caller is refused, or waits for a while first.
//
//	places.go    places and their shares
//	listener.go  a listener whose connections take places
//	client.go    how clients that have proved nothing are told apart: by their address
package places
