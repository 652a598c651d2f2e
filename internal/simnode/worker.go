package simnode

import (
	"github.com/headrace/headrace/agent/runtime"
	"github.com/headrace/headrace/agent/runtime/memory"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
)

// Worker is a worker as its program sees it.
type Worker struct {
	// ID is the worker's id.
	ID string
	// Stop is closed when the worker is asked to end.
	Stop <-chan struct{}
	// Kill is closed when the worker has to be gone. Stop is closed then, too.
	Kill <-chan struct{}

	node    *Node
	process *memory.Process
	began   *agentv1.AssignedWorker // as it was assigned when it began
}

// Assigned returns what its agent was told of it last, and a channel that is closed when it is told something else; nil
// when nothing else will come.
func (w *Worker) Assigned() (newest *agentv1.AssignedWorker, changed <-chan struct{}) {
	if newest, changed = w.node.engine.Newest(w.ID); newest != nil {
		return newest, changed
	}
	return w.began, nil
}

// Demand says, as a Spark driver, how many executors it wants, and which are to be stopped.
func (w *Worker) Demand(target uint32, stop ...uint32) {
	w.node.demand(&agentv1.Demand{
		JobRunId: w.began.GetJobRunId(),
		Attempt:  w.began.GetAttempt(),
		Target:   target,
		Stop:     stop,
		Launch: &agentv1.ExecutorLaunch{
			DriverUrl:          "spark://CoarseGrainedScheduler@" + w.node.config.Name + ":1",
			SparkApplicationId: w.began.GetJobRunId(),
		},
	})
}

// Print adds to the worker's log; stream is stdout or stderr.
func (w *Worker) Print(stream, text string) { w.process.Print(stream, text) }

// Readers returns how many read the worker's logs now.
func (w *Worker) Readers() int {
	w.node.mu.Lock()
	defer w.node.mu.Unlock()
	return w.node.readers[w.ID]
}

// play says what a worker does, as the node's script has it.
func (n *Node) play(spec runtime.Spec) memory.Program {
	assigned := memory.Assigned(spec)
	program := n.config.Script(assigned)
	if program.Run == nil {
		return memory.Program{Refuse: &runtime.Exit{
			Reason:  runtime.StartRefused,
			Code:    127,
			Message: program.Refuse,
		}}
	}
	return memory.Program{Run: func(p *memory.Process) runtime.Exit {
		w := &Worker{
			ID:      assigned.GetWorkerId(),
			Stop:    p.Stop,
			Kill:    p.Kill,
			node:    n,
			process: p,
			began:   assigned,
		}
		defer n.enter(w)()
		return w.exit(program.Run(w))
	}}
}

// enter notes that a worker's program runs, and returns what notes its end.
func (n *Node) enter(w *Worker) (leave func()) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.alive[w.ID] = w
	n.config.Ledger.begin(w.ID, w.began.GetJobRunId(), w.began.GetNumber() == 0)
	return func() {
		n.mu.Lock()
		defer n.mu.Unlock()
		delete(n.alive, w.ID)
		n.config.Ledger.end(w.ID, w.began.GetJobRunId())
	}
}

// exit is how a program ended, as the machine has it.
func (w *Worker) exit(e Exit) runtime.Exit {
	w.Print("stderr", e.Message)
	exit := runtime.Exit{Code: e.Code, PeakMemoryBytes: e.PeakBytes}
	if e.PeakBytes > 0 {
		exit.Reason = runtime.OutOfMemory
	}
	return exit
}
