// Package logging makes the loggers of servers and agents. What a message is about is added once, to the context, where
// it is known:
//
//	ctx = logging.With(ctx, logging.Run, id)
//	log.WarnContext(ctx, "cannot fetch a release", "error", err)   // has run=... too
//
// Four attributes travel so: the request id of a write, a job run, a node by its name, and a worker. Each has one key
// in all messages, so that a search for one finds everything about it. A message that says one of them itself keeps its
// own.
//
// Messages are lines of text, or of JSON for programs that collect them. Which level a message has is in
// CONTRIBUTING.md.
package logging
