// Package steps prints, for clients written in Go, a line for every operation.
package steps
