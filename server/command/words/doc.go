// Package words splits the parameters of a submission into words. All engines read theirs with it, so that quotes mean the same
// everywhere. It is pure.
package words
