// Package outbox holds what the leader is to be told and has not acknowledged: of each worker, slot and driver the
// newest, so it is never larger than what the node has.
//
//	outbox.go   statuses of workers and slots, and the node's releases, which a server takes into its log: told until
//	            acknowledged
//	demands.go  what Spark drivers want, which the leader keeps in memory only: told at a bounded pace, and again in
//	            every session
//	progress.go what the node is doing, for people: told once a second at most, to leaders that take it
//	news.go     the newest of things that have ids, in the order in which they began to wait
//
// Packages fleet and slots put in, package session takes out. Nothing runs here, so there is no Run.
package outbox
