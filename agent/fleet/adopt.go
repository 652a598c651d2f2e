package fleet

import (
	"context"

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

func (f *Fleet) adoptOne(held runtime.Worker) {
	wanted := &agentv1.AssignedWorker{WorkerId: held.ID()}
	content, err := f.config.Runtime.Kept(held.ID(), assignedFile)
	if err == nil {
		err = proto.Unmarshal(content, wanted)
	}
	w := newWorker(f, wanted)
	if err != nil || w.id != held.ID() {
		w = newWorker(f, &agentv1.AssignedWorker{WorkerId: held.ID()})
		w.log().Error("cannot read the assignment of a worker that is there", "error", err)
	}
	w.held = held
	w.status.Phase = agentv1.Phase_PHASE_RUNNING
	if exit, ended := held.Exit(); ended {
		w.status = endedStatus(w.id, w.wanted.GetEpoch(), exit, lastWords(f.config.Runtime, w.id))
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
