// Package resource holds amounts of CPU, memory and disk: the vector that scheduling adds and compares, the sizes that
// a worker may have, and how people write them.
//
// The package is pure and the only place that answers "does it fit?" (Vector.FitsIn, and Room.Holds for a node): the
// planner, the serial check before the log and the tests of the state machine all ask the same function.
package resource
