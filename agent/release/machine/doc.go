// Package machine finds the Java runtimes and the Python that this machine has.
//
// Whoever starts a worker or registers a node asks a Machine. It reads what says a version on disk, and runs a program
// only where nothing on disk does, and only what the machine's operator installed: never what a user or a release
// brings. The answer is kept until the program's file changes. A program that hangs is killed, and counts as not there
// for a while, so that nobody who asks waits long, or twice.
//
//	machine.go  where to look
//	java.go     Java runtimes; python.go: Python
//	answer.go   what a program says of itself, kept
package machine
