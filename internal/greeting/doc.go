// Package greeting finds out why a gRPC connection to a server cannot stand, where gRPC itself says only that it is
// closed: the server speaks TLS and this side does not, or the reverse; the port is one for HTTP; one side does not
// accept the other's certificate. Such a connection never stands however often it is tried, so people are told at once.
//
//	watch.go  watches the connections to one server
//	cause.go  what was found, in the words of who is told
package greeting
