// Package copies has several servers keep the same file, and brings one here from another. What the files are, how they
// travel and how they are verified is the business of who uses it: packages uploads and history.
//
//	voters.go  the servers that vote, and having enough of them keep a file
//	once.go    a file is brought once, however many ask for it
//	rests.go   a file that could not be brought is left alone for a while
package copies
