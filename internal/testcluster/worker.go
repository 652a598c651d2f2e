package testcluster

import (
	"sync"
	"time"

	"google.golang.org/protobuf/proto"

	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
)

// Worker is a worker of a simulated node.
type Worker struct {
	Stop <-chan struct{} // closed when it is asked to stop
	Kill <-chan struct{} // closed when it has to be gone
	ID   string

	node       *Node
	stop, kill func()        // close the channels, once
	goes       func()        // closes gone, once
	gone       chan struct{} // closed when it has ended

	mu       sync.Mutex
	assigned *agentv1.AssignedWorker
	changed  chan struct{} // closed when assigned changes
	status   *agentv1.WorkerStatus
	started  bool
	reason   agentv1.ExitReason // why it was ended from outside; unspecified: it was not
	vanished bool               // with its machine: nobody sees its end
	unsaid   bool               // its status is news for the leader
}

func newWorker(n *Node, a *agentv1.AssignedWorker) *Worker {
	stop := make(chan struct{})
	kill := make(chan struct{})
	gone := make(chan struct{})
	return &Worker{
		ID:       a.GetWorkerId(),
		node:     n,
		Stop:     stop,
		Kill:     kill,
		gone:     gone,
		assigned: a,
		changed:  make(chan struct{}),
		stop:     sync.OnceFunc(func() { close(stop) }),
		kill:     sync.OnceFunc(func() { close(kill) }),
		goes:     sync.OnceFunc(func() { close(gone) }),
		status:   &agentv1.WorkerStatus{WorkerId: a.GetWorkerId(), Epoch: a.GetEpoch(), Phase: agentv1.Phase_PHASE_PREPARING},
	}
}

// Assigned returns what its node was told of it last, and a channel that is closed when it is told something else.
func (w *Worker) Assigned() (*agentv1.AssignedWorker, <-chan struct{}) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.assigned, w.changed
}

// Demand says, as a Spark driver, what it wants.
func (w *Worker) Demand(target uint32, stop ...uint32) {
	a, _ := w.Assigned()
	w.node.demand(&agentv1.Demand{
		JobRunId: a.GetJobRunId(),
		Attempt:  a.GetAttempt(),
		Target:   target,
		Stop:     stop,
		Launch: &agentv1.ExecutorLaunch{
			DriverUrl:          "spark://CoarseGrainedScheduler@" + w.node.name + ":1",
			SparkApplicationId: a.GetJobRunId(),
		},
	})
}

// Print adds to the worker's log; stream is stdout or stderr.
func (w *Worker) Print(stream, text string) { w.node.logs.add(w.ID, stream, text) }

// want takes what the leader wants of it now.
func (w *Worker) want(a *agentv1.AssignedWorker) {
	w.mu.Lock()
	w.assigned = a
	close(w.changed)
	w.changed = make(chan struct{})
	begin := !w.started && a.GetDesired() == agentv1.Desired_DESIRED_RUN && a.GetProgram() != nil
	w.started = w.started || begin
	never := !w.started && a.GetDesired() == agentv1.Desired_DESIRED_STOP
	w.mu.Unlock()
	switch {
	case begin:
		w.node.group.Go(w.live)
	case never:
		w.end(agentv1.ExitReason_EXIT_REASON_STOPPED, Exit{})
	case a.GetDesired() == agentv1.Desired_DESIRED_STOP:
		w.askToStop(agentv1.ExitReason_EXIT_REASON_STOPPED, time.Duration(a.GetGraceSeconds())*time.Second)
	}
}

// askToStop asks for its end, and enforces it after the grace.
func (w *Worker) askToStop(reason agentv1.ExitReason, grace time.Duration) {
	w.mu.Lock()
	first := w.reason == agentv1.ExitReason_EXIT_REASON_UNSPECIFIED
	if first {
		w.reason = reason
	}
	w.mu.Unlock()
	if !first {
		return
	}
	w.stop()
	w.node.group.Go(func() {
		timer := time.NewTimer(grace)
		defer timer.Stop()
		select {
		case <-timer.C:
			w.kill()
		case <-w.gone:
		case <-w.Kill:
		}
	})
}

// killFor ends it at once.
func (w *Worker) killFor(reason agentv1.ExitReason) {
	w.mu.Lock()
	if w.reason == agentv1.ExitReason_EXIT_REASON_UNSPECIFIED {
		w.reason = reason
	}
	started := w.started
	w.started = true
	w.mu.Unlock()
	w.stop()
	w.kill()
	if !started {
		w.end(reason, Exit{})
		return
	}
	<-w.gone
}

// vanish ends it with its machine.
func (w *Worker) vanish() {
	w.mu.Lock()
	w.vanished = true
	w.mu.Unlock()
	w.killFor(agentv1.ExitReason_EXIT_REASON_DISAPPEARED)
}

// live is the worker's life.
func (w *Worker) live() {
	a, _ := w.Assigned()
	program := w.node.script(a)
	if program.Run == nil {
		w.end(agentv1.ExitReason_EXIT_REASON_START_REFUSED, Exit{Message: program.Refuse})
		return
	}
	w.node.ledger.begin(w.ID, a.GetJobRunId(), a.GetNumber() == 0)
	w.say(func(s *agentv1.WorkerStatus) { s.Phase = agentv1.Phase_PHASE_RUNNING })
	exit := program.Run(w)
	w.node.ledger.end(w.ID, a.GetJobRunId())
	reason := agentv1.ExitReason_EXIT_REASON_EXITED
	if exit.PeakBytes > 0 {
		reason = agentv1.ExitReason_EXIT_REASON_OUT_OF_MEMORY
	}
	w.mu.Lock()
	if w.reason != agentv1.ExitReason_EXIT_REASON_UNSPECIFIED {
		reason = w.reason
	}
	w.mu.Unlock()
	w.end(reason, exit)
}

func (w *Worker) end(reason agentv1.ExitReason, exit Exit) {
	w.say(func(s *agentv1.WorkerStatus) {
		s.Phase = agentv1.Phase_PHASE_ENDED
		s.ExitReason = reason
		s.ExitCode = exit.Code
		s.Message = exit.Message
		s.PeakMemoryBytes = exit.PeakBytes
	})
	w.goes()
}

// say changes the status, which only moves forward, and has it told.
func (w *Worker) say(change func(*agentv1.WorkerStatus)) {
	w.mu.Lock()
	if !w.vanished && w.status.GetPhase() != agentv1.Phase_PHASE_ENDED {
		w.status = proto.CloneOf(w.status)
		change(w.status)
		w.unsaid = true
	}
	w.mu.Unlock()
	w.node.wake()
}

// told returns its newest status and whether that is news.
func (w *Worker) told() (*agentv1.WorkerStatus, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.status, w.unsaid
}

// acknowledged notes that the leader has a status.
func (w *Worker) acknowledged(status *agentv1.WorkerStatus) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.status == status {
		w.unsaid = false
	}
}
