// Package ui shows people Spark's own pages of an attempt, through any server. While the driver runs, these are its
// pages; afterwards they are those of a history server, which an agent starts and stops when nobody looks any more.
//
//	browser ──► Handler: /ui/<token>/...        the token is the permission: signed, for one attempt, for an hour
//	               │  reverse proxy, GET and HEAD only
//	               ▼
//	            connector: a connection is a Data stream, which the agent dials
//	               │  node of the driver, or one of the nodes that may show histories
//	               ▼
//	            agent ──► 127.0.0.1: the driver's pages, or a history server's
//
// The pages come from programs that users wrote, so they may not act as the person who looks at them: browsers give
// them an origin of their own (Content-Security-Policy: sandbox), no cookie is passed on in either direction, and they
// learn nothing of the person's request but its address. Spark makes its links from X-Forwarded-Context, so a driver
// need not know where it is shown.
//
//	handler.go    the paths, and what a request asks for
//	link.go       links: made, signed and checked
//	target.go     where an attempt can be looked at: at its driver, or at a history server
//	proxy.go      a request and its answer, passed on; shim.go: what a page needs in an origin of its own
//	connector.go  connections to pages on nodes; conn.go: one of them
//	log.go        logs, as files and in links of Spark's pages
//	page.go       our own page: why there is nothing to see
package ui
