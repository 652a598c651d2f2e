// Package routing brings a call of the API to the server that answers it, and knows what holds for every call,
// whichever service it is for.
//
//	router.go    what routing needs of the server
//	forward.go   calls that only the leader answers go on to it, and are repeated while their outcome is unknown
//	stream.go    streams, which are answered where they arrive
//	leader.go    something that is done here if this server leads, and at the leader if not
//	about.go     which run and worker a call is about, for the log
//	request.go   the id of a request, by which a repetition is known
//	read.go      linearizable reads, on every server
//	local.go     calls from within the server, which take the same way
//	allowed.go   who may make a call, and who may read what belongs to a job run
//	answer.go    what an answer hides from its caller, and what was hidden is not taken as a value
//
// The way of a call: Forward asks whether its caller may make it, gives it a request id, and brings it to the leader if
// it needs that one. The server that sees the call first repeats it while there is no leader, or while nobody knows
// what came of it. A repetition is harmless, since it has the id of the first try. The leader never forwards again.
package routing
