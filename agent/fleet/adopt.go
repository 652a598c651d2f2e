package fleet

import (
	"context"
	"fmt"

	"google.golang.org/protobuf/proto"

	"github.com/headrace/headrace/agent/runtime"
	"github.com/headrace/headrace/internal/errs"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
)

// Adopt finds the workers of an earlier agent. It is called once, before Run.
func (f *Fleet) Adopt() error {
	found, err := f.config.Runtime.Adopt()
	if err != nil {
		return errs.New(errs.Internal, "cannot find the workers that are there: %w", err)
	}
	live := map[string]bool{}
	defer func() { f.config.Shipper.EndOthers(live) }()
	for _, held := range found {
		_, ended := held.Exit()
		live[held.ID()] = !ended
		if runtime.IsOwn(held.ID()) {
			f.tasks.Go(func(context.Context) { f.discard(held) })
			continue
		}
		f.adoptOne(held)
	}
	return nil
}

// discard removes a process that an earlier agent had for itself, such as one that waited in a slot: nobody holds its
// connections any more.
func (f *Fleet) discard(process runtime.Worker) {
	if err := f.config.Runtime.Discard(process); err != nil {
		f.config.Logger.Error("cannot remove a process that waited", "process", process.ID(), "error", err)
	}
}

// adoptOne takes over a worker of an earlier agent, or tells its end.
func (f *Fleet) adoptOne(held runtime.Worker) {
	w := f.found(held)
	if exit, ended := held.Exit(); ended {
		w.status = endedStatus(w.id, w.wanted.GetEpoch(), exit, lastWords(f.config.Runtime, w.wanted))
		f.config.Outbox.Put(w.status)
		close(w.gone)
	} else {
		f.config.Slots.Occupy(w.wanted.GetSlotId())
		w.attach(w.wanted)
		f.ship(w.wanted)
	}
	if f.config.Runtime.Unconfirmed(held.ID()) && !w.hasEnded() {
		w.fault = "the agent was restarted while the worker took over the process of its slot"
		w.end(runtime.StartRefused, 0)
	}
	f.add(w)
}

// found returns the worker that is held, as the earlier agent noted its assignment.
func (f *Fleet) found(held runtime.Worker) *worker {
	w, err := f.noted(held.ID())
	if err != nil {
		w = newWorker(f, &agentv1.AssignedWorker{WorkerId: held.ID()})
		w.log().Error("cannot read the assignment of a worker that is there", "error", err)
	}
	w.held = held
	w.status.Phase = agentv1.Phase_PHASE_RUNNING
	return w
}

// noted returns a worker by its note.
func (f *Fleet) noted(id string) (*worker, error) {
	content, err := f.config.Runtime.Kept(id, assignedFile)
	if err != nil {
		return nil, err
	}
	wanted := &agentv1.AssignedWorker{}
	if err := proto.Unmarshal(content, wanted); err != nil {
		return nil, err
	}
	if wanted.GetWorkerId() != id {
		return nil, fmt.Errorf("it is of worker %q", wanted.GetWorkerId())
	}
	return newWorker(f, wanted), nil
}
