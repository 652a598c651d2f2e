package fleet

import (
	"context"
	"errors"
	"fmt"

	"github.com/headrace/headrace/agent/engine"
	"github.com/headrace/headrace/agent/runtime"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
)

// start prepares and starts the worker; exit says why it cannot.
func (w *worker) start(ctx context.Context, a *agentv1.AssignedWorker) (started runtime.Worker, exit *runtime.Exit) {
	command, err := w.prepare(ctx, a)
	if err == nil {
		started, err = w.launch(ctx, a, specOf(a, command))
	}
	var refused *runtime.Refusal
	var cannot *engine.StartError
	switch {
	case err == nil:
		return started, nil
	case errors.As(err, &refused):
		return nil, &refused.Exit
	case w.situation().ending != nil:
		return nil, &runtime.Exit{Reason: w.situation().ending.reason, Message: "ended before it was started"}
	case errors.As(err, &cannot):
		e := exitOf(cannot)
		return nil, &e
	}
	return nil, &runtime.Exit{Reason: runtime.StartRefused, Code: 127, Message: err.Error()}
}

// launch starts the worker: as the process that waits in its slot, if that is what it needs, else as one of its own.
func (w *worker) launch(ctx context.Context, a *agentv1.AssignedWorker, spec runtime.Spec) (runtime.Worker, error) {
	taken, note, err := w.fleet.config.Slots.Use(ctx, a, spec)
	if err != nil {
		return nil, err
	}
	if taken != nil {
		w.began = agentv1.Start_START_WARM
		return taken, nil
	}
	w.began = agentv1.Start_START_COLD
	w.cold = note
	return w.fleet.config.Runtime.Start(spec)
}

// specOf returns what the runtime has to know of a worker with that command.
func specOf(a *agentv1.AssignedWorker, command runtime.Command) runtime.Spec {
	return runtime.Spec{
		ID:               a.GetWorkerId(),
		Command:          command,
		MilliCPU:         a.GetMilliCpu(),
		MemoryMiB:        a.GetMemoryMib(),
		DiskMiB:          a.GetDiskMib(),
		KeepOnDisconnect: a.GetKeepOnDisconnect(),
		Logs:             logFolder(a),
		Peers:            fmt.Sprintf("%s/%d", a.GetJobRunId(), a.GetAttempt()),
	}
}

// prepare makes the worker's home and lets its engine fill it. It stops when the worker is to end.
func (w *worker) prepare(ctx context.Context, a *agentv1.AssignedWorker) (runtime.Command, error) {
	if err := w.fleet.config.Room(); err != nil {
		return runtime.Command{}, err
	}
	programs, known := w.fleet.config.Engines.Of(a)
	if !known {
		return runtime.Command{}, fmt.Errorf(
			"cannot start the worker: this agent does not know programs such as %T", a.GetProgram())
	}
	home, err := w.makeHome(a)
	if err != nil {
		return runtime.Command{}, err
	}
	defer home.Close()
	if err := w.save(a); err != nil {
		return runtime.Command{}, fmt.Errorf("cannot keep the assignment: %w", err)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(w.wanting, cancel)()
	w.engine = programs
	command, err := programs.Prepare(ctx, a, home)
	if err == nil {
		w.keepLaunch(a, command, home)
	}
	return command, err
}

// makeHome makes the worker's home: for the user of the process that waits in its slot, which it may take over.
func (w *worker) makeHome(a *agentv1.AssignedWorker) (*runtime.Home, error) {
	return w.fleet.config.Runtime.MakeHome(w.id, runtime.HomeOptions{
		Of:          w.fleet.config.Slots.WaitingIn(a.GetSlotId()),
		ShuffleDisk: a.GetShuffleOptimizedDisk(),
	})
}
