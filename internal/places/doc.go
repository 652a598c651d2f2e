// Package places bounds what is under way at once: in all, and for each client, so that none takes the places of all others. Who finds
// no place is refused, or waits for a while first.
//
//	places.go    places and their shares
//	listener.go  a listener whose connections take places
//	client.go    what tells clients apart that have proved nothing: their address
package places
