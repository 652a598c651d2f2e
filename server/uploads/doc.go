// Package uploads keeps files that users gave the servers for their job runs, such as a script on a laptop: on each
// server, by the user and the SHA-256 of what they hold.
//
//	<dir>/<SHA-256 of the user's name>/<SHA-256 of the file>    a complete and verified file
//	<dir>/.../.incoming-*                                       one that is being received; removed when that fails
//
// A file belongs to its user: only runs of that user find it, so a digest that somebody else knows or guesses opens
// nothing. What two users upload is kept twice.
//
// An upload is acknowledged once a majority of the servers keeps it, as a record of the log is. Nothing of it is in the
// log: which files are needed follows from the job runs that are not over, and every server brings those that it lacks
// from another one. A file is kept as long as such a run names it. Otherwise it goes when nobody has uploaded or
// submitted it for Bounds.Age, or earlier, the oldest first, when a user or all users have more than they may; but not
// in its first hour, in which its user is about to submit the run. If that leaves no room, the next upload is refused.
//
//	store.go     the files of this server
//	room.go      what goes when there is too much, and what is too much
//	replicas.go  those of all servers
//	bring.go     brings what is needed here from other servers, with back-off
package uploads
