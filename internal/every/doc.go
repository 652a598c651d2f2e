// Package every waits, until a context ends: for a pause, or at an interval, to do something again and again.
//
//   - every.go: Interval, the loop
//   - pause.go: Pause
//   - try.go: Try, until it succeeds
package every
