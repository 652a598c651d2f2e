// Package codectest fills messages with everything that they can hold, so that a test finds the field that somebody
// forgets. Only tests use it.
package codectest
