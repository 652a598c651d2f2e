// Package ui shows people Spark's own pages of an attempt, through any server: those of its driver while that runs, and those of
// a history server afterwards, which an agent starts for it and stops when nobody looks any more.
//
//	browser ──► Handler: /ui/<token>/...        the token is the permission: signed, for one attempt, for an hour
//	               │  reverse proxy, GET and HEAD only
//	               ▼
//	            connector: a connection is a Data stream, which the agent dials
//	               │  node of the driver, or one of the nodes that may show histories
//	               ▼
//	            agent ──► 127.0.0.1: the driver's pages, or a history server's
//
// The pages come from programs that users wrote. So they may not act as the person who looks: browsers give them an origin of
// their own (Content-Security-Policy: sandbox), no cookie is passed on in either direction, and the address of the person's
// request is all that they learn. Spark makes its links from X-Forwarded-Context, so a driver need not know where it is shown.
package ui
