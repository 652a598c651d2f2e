// Package ident knows how things are named: ids, which are lower-case ULIDs made at the door before anything is
// proposed, nodes, and ARNs.
//
//	ident.go  ids of all kinds, tokens, and names of nodes
//	user.go   names of users
package ident
