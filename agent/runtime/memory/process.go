package memory

import (
	"slices"
	"sync"
	"syscall"
	"time"

	"github.com/headrace/headrace/agent/runtime"
)

// killedBy ends what is killed, whatever it says itself.
const killedBy = int32(syscall.SIGKILL)

// Process is a worker as its program sees it.
type Process struct {
	// Stop is closed when the program is asked to end.
	Stop <-chan struct{}
	// Kill is closed when the program has to return at once. Stop is closed then, too.
	Kill <-chan struct{}
	// Spec is what it was started as. A process that waits, and becomes another worker, learns that from its engine.
	Spec runtime.Spec

	machine *Machine
	stop    func() // closes Stop, once
	kill    func() // closes both, once

	// The machine's lock guards these.
	worker   *worker // that it is now
	watchers []*watched
	ports    []int
	wanted   runtime.Reason // why it is to end; empty: it is not
	deadline time.Time      // of a polite stop
	grace    *time.Timer    // kills it then
	longest  *time.Timer    // kills it, whoever wants it; nil: nothing does
	vanished bool           // nobody sees its end
}

func newProcess(m *Machine, w *worker, spec runtime.Spec) *Process {
	stop, kill := make(chan struct{}), make(chan struct{})
	p := &Process{
		Stop:    stop,
		Kill:    kill,
		Spec:    spec,
		machine: m,
		worker:  w,
	}
	p.stop = sync.OnceFunc(func() { close(stop) })
	p.kill = sync.OnceFunc(func() {
		close(kill) // first: who hears of the other one is killed already
		p.stop()
	})
	return p
}

// Print adds to a log: stdout or stderr.
func (p *Process) Print(stream, text string) {
	p.machine.mu.Lock()
	defer p.machine.mu.Unlock()
	p.worker.logs[stream] = append(p.worker.logs[stream], text...)
}

// Listen says that it listens at a port of loopback. It is for the program to do so.
func (p *Process) Listen(port int) {
	p.machine.mu.Lock()
	defer p.machine.mu.Unlock()
	p.ports = append(p.ports, port)
}

// want has the process end politely, and kills it after the grace. The first reason stays; a shorter grace counts. The
// caller has the machine's lock.
func (p *Process) want(reason runtime.Reason, grace time.Duration) {
	deadline := time.Now().Add(grace)
	switch {
	case p.wanted == "":
		p.wanted = reason
	case deadline.After(p.deadline):
		return
	}
	p.deadline = deadline
	if p.grace != nil {
		p.grace.Stop()
	}
	if grace <= 0 {
		p.kill()
		return
	}
	p.stop()
	p.grace = time.AfterFunc(grace, p.kill)
}

// run runs the program to its end.
func (p *Process) run(program func(*Process) runtime.Exit) {
	exit := program(p)
	p.machine.mu.Lock()
	defer p.machine.mu.Unlock()
	for _, timer := range []*time.Timer{p.grace, p.longest} {
		if timer != nil {
			timer.Stop()
		}
	}
	delete(p.machine.live, p)
	exit = p.settle(exit)
	p.worker.exit = &exit
	for _, w := range p.watchers {
		w.end(exit)
	}
}

// settle says how the process ended whose program returned that. The caller has the machine's lock.
func (p *Process) settle(exit runtime.Exit) runtime.Exit {
	select {
	case <-p.Kill:
		exit.Code = 128 + killedBy
		exit.Signal = killedBy
	default:
	}
	switch {
	case p.vanished:
		return disappeared
	case p.wanted != "":
		exit.Reason = p.wanted
	case exit.Reason == "":
		exit.Reason = runtime.Exited
	}
	return exit
}

// unwatch forgets somebody who waits for the end. The caller has the machine's lock.
func (p *Process) unwatch(w *watched) {
	p.watchers = slices.DeleteFunc(p.watchers, func(other *watched) bool { return other == w })
}
