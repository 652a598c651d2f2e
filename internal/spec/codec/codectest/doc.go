// Package codectest fills messages with everything that they can hold, so that a test finds the field that somebody
// forgets. Only tests use it.
//
//	full.go    a message with every field set
//	spec.go    applications and job runs that package spec finds right, with every field set
//	taken.go   without what a cluster refuses
//	values.go  values for fields that do not take any
package codectest
