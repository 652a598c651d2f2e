// Package releases is the table of release labels: which versions of Spark, Hive and Tez a label names, and which
// versions of Java and Python its Spark line can use.
//
// It is pure and needs the standard library alone, so that every other package may ask it: the door, to refuse an
// unknown label; agents, to choose a Java runtime; the command line, to say what can be fetched. Where a release's
// files are is not its business.
//
//	release.go  the table
//	version.go  labels and versions, compared
//	gate.go     which release brought what
package releases
