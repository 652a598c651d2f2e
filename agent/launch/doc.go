// Package launch says how a worker was started, for people, without secrets: its command, its environment, and the
// files that were put into its working directory.
//
//	launch.go  what is told, and the bounds of it
//	redact.go  what looks like a secret, and what is known to be one, is replaced: rather too much than too little
//
// It is called before the worker runs, so that what lies in its directory is what was put there for it, and no program
// of a user changes it meanwhile. Package fleet keeps what it returns, package data gives it to servers.
package launch
