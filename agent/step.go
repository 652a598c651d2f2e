package agent

import (
	"context"
	"errors"
	"fmt"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/headrace/headrace/agent/runtime"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
)

// step takes the worker one step further, to at most one new phase, and tells it. over is true when nothing is left to do for
// it. Whoever calls again after every change brings it to its end.
func (w *worker) step(ctx context.Context) (over bool) {
	now := w.view()
	switch now.phase {
	case agentv1.Phase_PHASE_ENDED:
		return w.stepEnded(now)
	case agentv1.Phase_PHASE_RUNNING:
		w.stepRunning(now)
	default:
		w.stepPreparing(ctx, now)
	}
	return false
}

// stepPreparing starts the worker, when it has a program and nothing speaks against it.
func (w *worker) stepPreparing(ctx context.Context, now view) {
	if now.ending != nil {
		w.refuse(runtime.Exit{Reason: now.ending.reason, Message: "ended before it was started"})
		return
	}
	if now.wanted.GetProgram() == nil || !now.wanted.GetKeepOnDisconnect() && !w.fleet.lease.stands() {
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
		w.set(w.started(&agentv1.WorkerStatus{WorkerId: w.id, Epoch: now.wanted.GetEpoch(), Phase: agentv1.Phase_PHASE_RUNNING}))
		w.attach(now.wanted)
		w.wake()
	}
}

// start prepares and starts the worker; exit says why it cannot.
func (w *worker) start(ctx context.Context, a *agentv1.AssignedWorker) (started *runtime.Worker, exit *runtime.Exit) {
	command, err := w.prepare(ctx, a)
	if err == nil {
		started, err = w.launch(ctx, a, runtime.Spec{
			ID: w.id, Command: command, MilliCPU: a.GetMilliCpu(), MemoryMiB: a.GetMemoryMib(), DiskMiB: a.GetDiskMib(),
			KeepOnDisconnect: a.GetKeepOnDisconnect(), Logs: logFolder(a), Peers: fmt.Sprintf("%s/%d", a.GetJobRunId(), a.GetAttempt()),
		})
	}
	var refused *runtime.Refusal
	var cannot *StartError
	switch {
	case err == nil:
		return started, nil
	case errors.As(err, &refused):
		return nil, &refused.Exit
	case w.view().ending != nil:
		return nil, &runtime.Exit{Reason: w.view().ending.reason, Message: "ended before it was started"}
	case errors.As(err, &cannot):
		e := exitOf(cannot)
		return nil, &e
	}
	return nil, &runtime.Exit{Reason: runtime.StartRefused, Code: 127, Message: err.Error()}
}

// launch starts the worker: as the process that waits in its slot, if that is what it needs, else as one of its own.
func (w *worker) launch(ctx context.Context, a *agentv1.AssignedWorker, spec runtime.Spec) (*runtime.Worker, error) {
	taken, note, err := w.fleet.warmth.use(ctx, a, spec)
	if err != nil {
		return nil, err
	}
	if taken != nil {
		w.began = agentv1.Start_START_WARM
		return taken, nil
	}
	w.began, w.cold = agentv1.Start_START_COLD, note
	return w.fleet.runtime.Start(spec)
}

// started adds to a status how the worker was started.
func (w *worker) started(status *agentv1.WorkerStatus) *agentv1.WorkerStatus {
	status.Start, status.StartNote = w.began, w.cold
	return status
}

// prepare makes the worker's home and lets its engine fill it. It stops when the worker is to end.
func (w *worker) prepare(ctx context.Context, a *agentv1.AssignedWorker) (runtime.Command, error) {
	if err := w.fleet.room(); err != nil {
		return runtime.Command{}, err
	}
	engine, known := w.fleet.engines.engineOf(a)
	if !known {
		return runtime.Command{}, fmt.Errorf("cannot start the worker: this agent does not know programs such as %T", a.GetProgram())
	}
	home, err := w.fleet.makeHome(w.id, a)
	if err != nil {
		return runtime.Command{}, err
	}
	defer home.Close()
	if err := w.save(home.Dir, a); err != nil {
		return runtime.Command{}, fmt.Errorf("cannot keep the assignment: %w", err)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(w.wanting, cancel)()
	w.engine = engine
	command, err := engine.Prepare(ctx, a, home)
	if err == nil {
		w.keepLaunch(a, command, home)
	}
	return command, err
}

// refuse ends a worker that has no process.
func (w *worker) refuse(exit runtime.Exit) {
	if _, err := w.fleet.runtime.MakeDir(w.id); err == nil {
		wanted := w.view().wanted
		if err := errors.Join(w.save(w.fleet.runtime.Dir(w.id), wanted), w.recordRefusal(wanted, exit)); err != nil {
			w.log().Error("cannot record the worker's end", "error", err)
		}
	}
	w.ended(exit)
}

// recordRefusal keeps the end of a worker that has no process. One that was not wanted any more has nothing to tell.
func (w *worker) recordRefusal(a *agentv1.AssignedWorker, exit runtime.Exit) error {
	if !exit.Reason.Refused() {
		return w.fleet.runtime.RecordEnd(w.id, exit)
	}
	defer func() { w.fleet.ship(a) }()
	return w.fleet.runtime.RecordRefusal(runtime.Spec{ID: w.id, Logs: logFolder(a)}, exit)
}

// stepRunning stops the worker, tells its engine what is new, or notes its end.
func (w *worker) stepRunning(now view) {
	if exit, ended := w.held.Exit(); ended {
		w.ended(exit)
		return
	}
	if now.ending != nil && w.stopped != now.ending {
		w.stopped = now.ending
		if err := w.held.Stop(now.ending.reason, now.ending.grace); err != nil {
			w.log().Error("cannot stop the worker", "error", err)
		}
	}
	if w.engine != nil && !proto.Equal(w.attached, now.wanted) {
		w.attached = now.wanted
		w.engine.Update(now.wanted)
		if err := w.save(w.fleet.runtime.Dir(w.id), now.wanted); err != nil {
			w.log().Error("cannot keep the assignment", "error", err)
		}
	}
}

// attach lets the engine accompany a worker that runs. What it cannot accompany is stopped: nobody could use it.
func (w *worker) attach(a *agentv1.AssignedWorker) {
	engine, known := w.fleet.engines.engineOf(a)
	if !known {
		return
	}
	w.engine, w.attached = engine, a
	home, err := w.fleet.runtime.Home(w.id)
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
	now := w.view()
	if w.engine != nil {
		w.engine.Detach(w.id)
		w.engine = nil
	}
	w.fleet.workerEnded(now.wanted)
	w.fleet.shipper.End(w.id)
	if w.fault != "" {
		exit.Message = w.fault
	}
	w.set(w.started(endedStatus(w.id, now.wanted.GetEpoch(), exit, lastWords(w.fleet.runtime, w.id))))
	close(w.gone)
	w.wake()
}

// stepEnded forgets the worker when a server has its end.
func (w *worker) stepEnded(now view) (over bool) {
	if !now.forget {
		return false
	}
	if err := w.fleet.runtime.Forget(w.id); err != nil {
		w.log().Error("cannot mark the worker's directory", "error", err)
	}
	w.fleet.outbox.drop(w.id)
	return true
}
