// Package execve knows what Linux can start a process with, so that a submission is refused if no node could start it.
// Otherwise its runs would fail on one node after another. It is pure.
//
// One argument, or one variable as NAME=value, has at most 128 KiB with the zero byte that ends it (MAX_ARG_STRLEN),
// and no other zero byte. All arguments and variables of a process have at most 1 MiB, counted as Linux does: each with
// its zero byte and with the 8 bytes of the pointer to it. With the usual limit of the stack Linux takes 2 MiB; the
// rest is for what Headrace and the releases add.
package execve
