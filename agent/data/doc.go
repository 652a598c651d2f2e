// Package data serves what servers ask to read: logs, how a worker was started, and pages of drivers and of histories.
//
// A server that wants something says so on the session, with a ticket (Open). The agent dials it, shows the ticket and
// does what is asked on a stream of its own, so that nothing big is on the session. A bounded number of streams is
// served at once.
//
//	line.go   the streams: dialled, asked, answered
//	logs.go   a log, as fast as the server takes it, also while its worker writes
//	pages.go  a connection to the pages of a driver or a history, and to nothing else on the node
//
// Run ends all streams with its context.
package data
