// Package every does something again and again, at an interval, until a context ends.
//
//   - every.go: Interval, the loop
package every
