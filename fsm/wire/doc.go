// Package wire translates the values of events and snapshots to those of the state, and back. A function named after a
// value (Vector, Shape) makes the message; the same name with Of (VectorOf, ShapeOf) reads it. Nothing is decided here.
//
//	values.go   amounts, sizes, failures and ends of workers
//	shape.go    what a run's workers look like
//	node.go     the certificate of a node, and its types of disk
//	segment.go  a segment of the history
//	priority.go the priority of a run
package wire
