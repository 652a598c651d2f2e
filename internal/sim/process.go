package sim

import (
	"time"

	"github.com/headrace/headrace/fsm/state"
)

// reported is how much of a process the servers know.
type reported int

const (
	reportedNothing reported = iota
	reportedRunning
	reportedExit
)

// process is what runs as a worker on a machine.
type process struct {
	node                   *node
	worker, run            string
	attempt, number, epoch uint32
	keep                   bool
	running                bool
	stopping               bool
	exit                   *state.Exit
	reported               reported
}

// alive says whether the machine runs it, or is about to.
func (p *process) alive() bool { return p.exit == nil }

// end notes how it ended, once.
func (p *process) end(exit state.Exit) {
	if p.alive() {
		p.exit = &exit
	}
}

// stop ends it politely, after a while.
func (p *process) stop() {
	if p.stopping {
		return
	}
	p.stopping = true
	p.node.world.after(p.node.world.between(0, 3*time.Second), func() {
		p.end(state.Exit{
			Reason: state.ExitStopped,
			Code:   143,
		})
	})
}

// start begins a worker, unless the machine refuses.
func (n *node) start(worker *state.Worker, run *state.JobRun) {
	w := n.world
	p := &process{
		node:    n,
		worker:  worker.ID,
		run:     worker.Run,
		attempt: worker.Attempt,
		number:  worker.Number,
		epoch:   worker.Epoch,
		keep:    run.Keep(),
	}
	n.processes = append(n.processes, p)
	if w.faults && w.chance(6) {
		p.end(state.Exit{Reason: state.ExitStartRefused, Message: "the disk is full"})
		return
	}
	w.checks.started(p)
	if w.faults && w.chance(2) {
		return // it hangs
	}
	w.after(w.between(50*time.Millisecond, 2*time.Second), func() {
		if p.alive() {
			p.running = true
			p.live(run)
		}
	})
}

// live draws how long it runs and how it ends. Executors run until they are stopped, or die.
func (p *process) live(run *state.JobRun) {
	w := p.node.world
	executor := p.number != 0 && run.Shape.Worker == state.TypeExecutor
	if executor && !w.chance(15) {
		return
	}
	exit := state.Exit{Reason: state.ExitExited}
	switch luck := w.random.IntN(100); {
	case executor || luck < 12:
		exit.Code = 1
		exit.Message = "ModuleNotFoundError: words"
	case luck < 17:
		exit.Reason = state.ExitOutOfMemory
		exit.PeakBytes = 3 << 30
	case luck < 20:
		exit.Code = 137
	}
	longest := 15 * time.Second
	if w.chance(15) {
		longest = 3 * time.Minute
	}
	w.after(w.between(100*time.Millisecond, longest), func() { p.end(exit) })
}

// lostWithMachine is the end of a process that nobody is told of.
var lostWithMachine = state.Exit{Reason: state.ExitDisappeared}
