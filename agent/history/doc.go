// Package history shows people the event logs of attempts that are over.
//
// Each history is shown by a process of its own, which the engine knows (engine.UserInterfaces), such as Spark's
// history server. It begins when somebody wants to look, and ends when nobody has for a while, nobody waits for it any
// more, or the agent ends. Such a process is no worker: it has no slot, and the node's capacity does not count it. A
// node shows a few histories at once, and no more.
//
//	histories.go   which are shown, who looks, and when one has to go
//	process.go     the process of one: started, asked until it shows something, kept
//	event_log.go   the event log of an attempt: what of it is shown, and is brought
//	source.go      where event logs are kept: on servers, or in storage
//	event_files.go its files, bounded, in a folder that the process only reads: <home>/events
//	runtime.go     what is needed of what holds the process
//
// Package data opens histories and connects servers to them. Run ends all of them with its context.
package history
