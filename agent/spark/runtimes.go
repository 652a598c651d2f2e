package spark

import (
	"slices"
	"time"

	"github.com/headrace/headrace/agent/release/machine"
)

// runtimesWait is how long Runtimes waits for what is being found out.
const runtimesWait = 2 * time.Second

// runtimes are what this node's workers can run on.
type runtimes struct {
	java   []uint32 // major versions, ascending
	python string   // such as 3.11.7; empty: none
}

// Runtimes returns the major versions of Java that workers of this node can have, ascending, and the version of the
// Python that they have unless they bring one; nil and empty: none. It looks every time, which takes milliseconds; when
// a program on the node hangs, it answers after two seconds with what is known so far.
func (e *Engine) Runtimes() (java []uint32, python string) {
	timer := time.NewTimer(runtimesWait)
	defer timer.Stop()
	select {
	case <-e.startLooking():
	case <-timer.C:
	case <-e.ctx.Done():
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	return slices.Clone(e.known.java), e.known.python
}

// startLooking lets one goroutine at a time find out what the node has, and returns what is closed when it has.
func (e *Engine) startLooking() <-chan struct{} {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.looking == nil {
		done := make(chan struct{})
		e.looking = done
		e.running.Go(func() {
			defer close(done)
			e.look()
		})
	}
	return e.looking
}

// look finds out what the node has. Java is known before Python is asked for: one that hangs does not hide the other.
func (e *Engine) look() {
	java := e.majors()
	e.mu.Lock()
	e.known.java = java
	e.mu.Unlock()
	python, _ := e.machine.Python(e.ctx, e.config.Python)
	e.mu.Lock()
	defer e.mu.Unlock()
	e.known.python = python.Version
	e.looking = nil
}

// majors returns the major versions of the machine's Java and of those that releases bring, ascending.
func (e *Engine) majors() (majors []uint32) {
	all := e.machine.Javas(e.ctx)
	for _, r := range e.config.Store.Releases() {
		if own, ok := machine.JavaIn(r.JavaHome); ok && r.JavaHome != "" {
			all = append(all, own)
		}
	}
	for _, java := range all {
		if java.Major > 0 {
			majors = append(majors, uint32(java.Major))
		}
	}
	slices.Sort(majors)
	return slices.Compact(majors)
}
