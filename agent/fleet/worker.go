package fleet

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/headrace/headrace/agent/engine"
	"github.com/headrace/headrace/agent/runtime"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
)

// assignedFile keeps a worker's newest assignment in its directory, for an agent that comes back.
const assignedFile = "assigned.pb"

// maxGrace bounds the grace that a server says: it is what users may ask for.
const maxGrace = time.Hour

// graceOf is how long a worker has between the polite stop and the kill.
func graceOf(a *agentv1.AssignedWorker) time.Duration {
	return time.Duration(min(max(a.GetGraceSeconds(), 0), int64(maxGrace/time.Second))) * time.Second
}

// ending is why and how a worker is to end.
type ending struct {
	reason runtime.Reason
	grace  time.Duration
}

// worker is one worker of this node, from its assignment until a server has its end in the log. Its goroutine, run,
// alone advances it; others only change what is wanted and wake it.
type worker struct {
	id    string
	fleet *Fleet

	mu      sync.Mutex
	wanted  *agentv1.AssignedWorker
	status  *agentv1.WorkerStatus
	ending  *ending // nil: it is to run
	forget  bool    // nobody asks for its end any more
	changed chan struct{}

	wanting context.Context // ends when the worker is to end: what prepares it stops
	unwant  context.CancelFunc
	gone    chan struct{} // closed when it has ended

	// Only the worker's goroutine uses these.
	held     runtime.Worker          // nil: not started
	engine   engine.Engine           // nil: nothing to detach
	attached *agentv1.AssignedWorker // what the engine saw last
	stopped  *ending                 // what the runtime was told last
	fault    string                  // why this agent cannot keep it; goes with its end
	began    agentv1.Start           // how it was started
	cold     string                  // why it was started cold, though a process could have waited in its slot
}

func newWorker(f *Fleet, wanted *agentv1.AssignedWorker) *worker {
	wanting, unwant := context.WithCancel(context.Background())
	return &worker{
		id:      wanted.GetWorkerId(),
		fleet:   f,
		wanted:  wanted,
		status:  statusIn(agentv1.Phase_PHASE_PREPARING, wanted),
		changed: make(chan struct{}, 1),
		wanting: wanting,
		unwant:  unwant,
		gone:    make(chan struct{}),
	}
}

// run advances the worker until the worker is forgotten or the agent leaves it to the next one.
func (w *worker) run(ctx context.Context) {
	for !w.advance(ctx) {
		var done, starved <-chan struct{}
		if w.held != nil && !w.hasEnded() {
			done = w.held.Done()
			starved = w.starves()
		}
		select {
		case <-ctx.Done():
			return
		case <-w.changed:
		case <-done:
		case <-starved:
		}
	}
	w.fleet.remove(w)
}

// starves is closed when a process of the worker was killed for memory; nil: that was told.
func (w *worker) starves() <-chan struct{} {
	if w.newest().GetStarvedBytes() > 0 {
		return nil
	}
	return w.held.Starved()
}

// want sets the newest assignment. If it only stops the worker, it may come without the program: what it runs does not
// change.
func (w *worker) want(a *agentv1.AssignedWorker) {
	w.mu.Lock()
	if a.GetProgram() == nil {
		a.Program = w.wanted.GetProgram()
	}
	w.wanted = a
	w.mu.Unlock()
	if a.GetDesired() == agentv1.Desired_DESIRED_STOP {
		w.end(runtime.Stopped, graceOf(a))
	}
	w.wake()
}

// end makes the worker end. The first reason stays; a shorter grace counts.
func (w *worker) end(reason runtime.Reason, grace time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case w.ending == nil:
		w.ending = &ending{reason: reason, grace: grace}
		w.unwant()
	case grace < w.ending.grace:
		w.ending = &ending{reason: w.ending.reason, grace: grace}
	}
	w.wake()
}

// setForget says that nobody asks for the worker's end any more.
func (w *worker) setForget() {
	w.mu.Lock()
	w.forget = true
	w.mu.Unlock()
	w.wake()
}

func (w *worker) wake() {
	select {
	case w.changed <- struct{}{}:
	default:
	}
}

// situation is what advance decides on.
type situation struct {
	wanted *agentv1.AssignedWorker
	phase  agentv1.Phase
	ending *ending
	forget bool
}

func (w *worker) situation() situation {
	w.mu.Lock()
	defer w.mu.Unlock()
	return situation{
		wanted: w.wanted,
		phase:  w.status.GetPhase(),
		ending: w.ending,
		forget: w.forget,
	}
}

// newest returns the worker's newest status.
func (w *worker) newest() *agentv1.WorkerStatus {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.status
}

func (w *worker) hasEnded() bool { return w.newest().GetPhase() == agentv1.Phase_PHASE_ENDED }

// set makes a status the newest and tells it.
func (w *worker) set(status *agentv1.WorkerStatus) {
	w.mu.Lock()
	w.status = status
	w.mu.Unlock()
	w.fleet.config.Outbox.Put(status)
}

// save keeps the assignment for an agent that comes back. The worker's directory is there.
func (w *worker) save(a *agentv1.AssignedWorker) error {
	content, err := proto.Marshal(a)
	if err != nil {
		return err
	}
	return w.fleet.config.Runtime.Keep(w.id, assignedFile, content)
}

func (w *worker) log() *slog.Logger { return w.fleet.config.Logger.With("worker", w.id) }
