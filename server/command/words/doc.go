// Package words splits the parameters of a submission into words. The parameters of all engines are read with it, so
// quotes mean the same everywhere. It is pure.
package words
