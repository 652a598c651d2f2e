// Package devcluster runs a `headrace dev` of its own for a program that measures or shows something, and takes it down
// again.
package devcluster
