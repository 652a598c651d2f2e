// Package client connects commands to a cluster: to any of its servers, and to the next one when that is gone.
//
// A Client is a grpc.ClientConnInterface, so the generated clients run on it. A call that may be repeated is repeated, on the next
// server and with the same request id, so that the cluster does once what was asked once. Follow reads a state and then its events,
// and does so again wherever a stream breaks; it never polls.
package client
