// Package wire translates the values of events and snapshots to those of the state, and back. A function named after a
// value (Vector, Shape) makes the message; the same name with Of (VectorOf, ShapeOf) reads it. Nothing is decided here.
package wire
