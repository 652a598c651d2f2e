// Package label knows the labels of nodes, and what may be said about them: which nodes workers may go to, which they
// go to rather, and over which label they are spread. The planner, the door and the lists of nodes ask the same
// functions.
//
//	label.go       labels, and what a node has
//	constraint.go  one condition on a node; parse.go: as people write it
//	set.go         conditions that all have to hold
//	rules.go       what an application says of its nodes
//
// The package is a leaf, and pure: no clock, no I/O, no order of a map in any result.
package label
