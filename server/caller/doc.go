// Package caller says who makes a request of the API. A server finds out once, where a call arrives, and puts it into the call's
// context; everything behind that asks Of and nothing else. Whoever is not known there is nobody: nobody may write, and nobody reads
// what is private.
//
//	over gRPC with TLS    the common name of the certificate; an operator by its role (certificate.go)
//	over gRPC without     the cluster's own user, who may do everything: headrace dev
//	over HTTP             the user of the access key that signed
//	from another server   whom that server names, for a call that it forwards (hop.go); only servers are believed
//
// Two who have the same name are the same user, however they proved it. What a user may do beyond that is decided elsewhere; today
// it is MayRead, and that some calls are an operator's (package control).
package caller
