// Package mask has the one text that stands for a value that is not shown: where an agent hides what looks like a
// secret, and where servers hide what its reader may not see. It is Spark's own.
package mask
