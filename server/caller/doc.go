// Package caller says who makes a request of the API. A server finds that out once, where a call arrives, and puts it
// into the call's context. All code after that asks Of and nothing else. A caller that is not known there is nobody:
// nobody may write, and nobody may read what is private.
//
//	over gRPC with TLS    the common name of the certificate; an operator by its role (certificate.go)
//	over gRPC without     the cluster's own user, who may do everything: headrace dev
//	over HTTP             the user of the access key that signed
//	from another server   the caller that it names, for a call that it forwards (hop.go); only servers are believed
//
//	caller.go        the caller, and how it is in a context
//	certificate.go   the caller that a certificate is for
//	hop.go           the caller that another server names
//
// Two callers of the same name are the same user, however they proved it. What a user may do is decided elsewhere,
// except for MayRead; package control knows which calls are for operators.
package caller
