package agent

import (
	"context"
	"os"
	"path/filepath"
	"strings"

	"google.golang.org/protobuf/proto"

	"github.com/headrace/headrace/agent/runtime"
	"github.com/headrace/headrace/internal/errs"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
)

// adopt finds the workers of an earlier agent. ctx ends the goroutines of all workers.
func (f *fleet) adopt(ctx context.Context) error {
	f.ctx = ctx
	found, err := f.runtime.Adopt()
	if err != nil {
		return errs.New(errs.Internal, "cannot find the workers that are there: %w", err)
	}
	live := map[string]bool{}
	defer func() { f.shipper.EndOthers(live) }()
	for _, held := range found {
		_, ended := held.Exit()
		live[held.ID] = !ended
		if waits(held.ID) || strings.HasPrefix(held.ID, historyPrefix) || runtime.IsErrand(held.ID) {
			f.warmth.discard(held)
			continue
		}
		f.adoptOne(held)
	}
	return nil
}

func (f *fleet) adoptOne(held *runtime.Worker) {
	wanted := &agentv1.AssignedWorker{WorkerId: held.ID}
	content, err := os.ReadFile(filepath.Join(f.runtime.Dir(held.ID), assignedFile))
	if err == nil {
		err = proto.Unmarshal(content, wanted)
	}
	w := newWorker(f, wanted)
	if err != nil || w.id != held.ID {
		w = newWorker(f, &agentv1.AssignedWorker{WorkerId: held.ID})
		w.log().Error("cannot read the assignment of a worker that is there", "error", err)
	}
	w.held = held
	w.status.Phase = agentv1.Phase_PHASE_RUNNING
	if exit, ended := held.Exit(); ended {
		w.status = endedStatus(w.id, w.wanted.GetEpoch(), exit, lastWords(f.runtime, w.id))
		f.outbox.put(w.status)
		close(w.gone)
	} else {
		f.warmth.occupy(w.wanted.GetSlotId())
		w.attach(w.wanted)
		f.ship(w.wanted)
	}
	if f.runtime.Unconfirmed(held.ID) && !w.hasEnded() {
		w.fault = "the agent was restarted while the worker took over the process of its slot"
		w.end(runtime.StartRefused, 0)
	}
	f.add(w)
}
