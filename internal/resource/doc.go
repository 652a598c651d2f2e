// Package resource holds amounts of CPU, memory and disk: the vector that scheduling adds and compares, the sizes that
// a worker may have, and how people write them.
//
// The package is pure and the only place that answers "does it fit?" (Vector.FitsIn, and Room.Holds for a node): the
// planner, the serial check before the log and the tests of the state machine all ask the same function.
//
//	vector.go  an amount of every resource; room.go: what a node has
//	size.go    what a worker holds; ladder.go: the sizes that Spark's and Hive's may have
//	format.go  amounts as text
package resource
