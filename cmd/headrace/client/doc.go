// Package client connects commands to a cluster: to any of its servers, and to the next one if that server does not
// answer.
//
// A Client is a grpc.ClientConnInterface, so the generated clients run on it. A call that fails and may be repeated is
// repeated on the next server with the same request id, so the cluster acts once. Follow reads a state and then the
// events after it. If the stream breaks, it opens the stream again; it never polls.
//
//	client.go  the servers, and which of them is called
//	call.go    a call, repeated; stream.go: a stream, opened again
//	text.go    which texts can be sent
//	follow.go  a state and its events
//	ready.go   a cluster that has just been started
package client
