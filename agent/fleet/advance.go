package fleet

import (
	"context"
	"errors"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/headrace/headrace/agent/runtime"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
)

// advance takes the worker further, to at most one new phase, and tells it. over is true when nothing is left to
// do for it. Whoever calls again after every change brings it to its end.
func (w *worker) advance(ctx context.Context) (over bool) {
	now := w.situation()
	switch now.phase {
	case agentv1.Phase_PHASE_ENDED:
		return w.advanceEnded(now)
	case agentv1.Phase_PHASE_RUNNING:
		w.advanceRunning(now)
	default:
		w.advancePreparing(ctx, now)
	}
	return false
}

// advancePreparing starts the worker, when it has a program and nothing speaks against it.
func (w *worker) advancePreparing(ctx context.Context, now situation) {
	if now.ending != nil {
		w.refuse(runtime.Exit{Reason: now.ending.reason, Message: "ended before it was started"})
		return
	}
	if now.wanted.GetProgram() == nil || !now.wanted.GetKeepOnDisconnect() && !w.fleet.config.Lease.Stands() {
		return
	}
	started, exit := w.start(ctx, now.wanted)
	switch {
	case ctx.Err() != nil && started == nil:
		return // the next agent prepares it anew
	case exit != nil:
		w.refuse(*exit)
	default:
		w.held = started
		w.fleet.ship(now.wanted)
		w.set(w.started(statusIn(agentv1.Phase_PHASE_RUNNING, now.wanted)))
		w.attach(now.wanted)
		w.wake()
	}
}

// started adds to a status how the worker was started.
func (w *worker) started(status *agentv1.WorkerStatus) *agentv1.WorkerStatus {
	status.Start = w.began
	status.StartNote = w.cold
	return status
}

// refuse ends a worker that has no process.
func (w *worker) refuse(exit runtime.Exit) {
	if err := w.fleet.config.Runtime.MakeDir(w.id); err == nil {
		wanted := w.situation().wanted
		if err := errors.Join(w.save(wanted), w.recordRefusal(wanted, exit)); err != nil {
			w.log().Error("cannot record the worker's end", "error", err)
		}
	}
	w.ended(exit)
}

// recordRefusal keeps the end of a worker that has no process. A worker that was no longer wanted has nothing to tell.
func (w *worker) recordRefusal(a *agentv1.AssignedWorker, exit runtime.Exit) error {
	if !exit.Reason.Refused() {
		return w.fleet.config.Runtime.RecordEnd(w.id, exit)
	}
	defer func() { w.fleet.ship(a) }()
	return w.fleet.config.Runtime.RecordRefusal(runtime.Spec{ID: w.id, Logs: logFolder(a)}, exit)
}

// advanceRunning stops the worker, tells its engine what is new, or notes its end.
func (w *worker) advanceRunning(now situation) {
	if exit, ended := w.held.Exit(); ended {
		w.ended(exit)
		return
	}
	w.tellStarved()
	if now.ending != nil && w.stopped != now.ending {
		w.stopped = now.ending
		if err := w.held.Stop(now.ending.reason, now.ending.grace); err != nil {
			w.log().Error("cannot stop the worker", "error", err)
		}
	}
	if w.engine != nil && !proto.Equal(w.attached, now.wanted) {
		w.attached = now.wanted
		w.engine.Update(now.wanted)
		if err := w.save(now.wanted); err != nil {
			w.log().Error("cannot keep the assignment", "error", err)
		}
	}
}

// tellStarved tells at once that a process of the worker was killed for memory: what follows from that may be the end
// of its run.
func (w *worker) tellStarved() {
	select {
	case <-w.starves():
		status := proto.CloneOf(w.newest())
		status.StarvedBytes = w.held.StarvedPeak()
		w.set(status)
	default:
	}
}

// attach lets the engine accompany a worker that runs. What it cannot accompany is stopped: nobody could use it.
func (w *worker) attach(a *agentv1.AssignedWorker) {
	engine, known := w.fleet.config.Engines.Of(a)
	if !known {
		return
	}
	w.engine = engine
	w.attached = a
	home, err := w.fleet.config.Runtime.Home(w.id)
	if err == nil {
		err = engine.Attach(a, home)
	}
	if err != nil {
		w.fault = "cannot accompany the worker: " + err.Error()
		w.log().Error("cannot accompany the worker: stopping it", "error", err)
		w.end(runtime.StartRefused, time.Second)
	}
}

// ended makes an exit the worker's newest status and lets its engine go.
func (w *worker) ended(exit runtime.Exit) {
	now := w.situation()
	if w.engine != nil {
		w.engine.Detach(w.id)
		w.engine = nil
	}
	w.leave(now.wanted)
	w.fleet.config.Shipper.End(w.id)
	if w.fault != "" {
		exit.Message = w.fault
	}
	w.set(w.started(endedStatus(w.id, now.wanted.GetEpoch(), exit, lastWords(w.fleet.config.Runtime, now.wanted))))
	close(w.gone)
	w.wake()
}

// leave drops what a driver wanted, and frees the worker's slot.
func (w *worker) leave(a *agentv1.AssignedWorker) {
	if a.GetSparkDriver() != nil {
		w.fleet.config.Demands.Drop(attemptOf(a))
		w.fleet.config.Progress.DropDriver(attemptOf(a))
	}
	w.fleet.config.Slots.Leave(a)
}

// advanceEnded forgets the worker when a server has its end.
func (w *worker) advanceEnded(now situation) (over bool) {
	if !now.forget {
		return false
	}
	if err := w.fleet.config.Runtime.Forget(w.id); err != nil {
		w.log().Error("cannot mark the worker's directory", "error", err)
	}
	w.fleet.config.Outbox.Drop(w.id)
	return true
}
