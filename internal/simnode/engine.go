package simnode

import "github.com/headrace/headrace/agent/runtime/memory"

// programs is the engine of all workers: it knows the runtimes that a node usually has.
type programs struct{ *memory.Engine }

// Runtimes returns the major versions of Java, and the version of Python. See engine.Runtimes.
func (programs) Runtimes() (java []uint32, python string) { return []uint32{8, 17}, "3.9" }
