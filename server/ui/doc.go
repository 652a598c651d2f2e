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
package ui
