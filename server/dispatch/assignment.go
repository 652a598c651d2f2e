package dispatch

import (
	"crypto/sha256"
	"slices"

	"google.golang.org/protobuf/proto"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/resource"
	"github.com/headrace/headrace/internal/spec"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
)

// Seconds between the polite stop and the kill, where no user said otherwise.
const (
	graceAfterEnd  = 5  // of what is left of an attempt that is over
	graceOnRequest = 10 // of an executor that its driver no longer wants
	graceOnDrain   = 30 // of what is left on a node that drains
)

// assignments remembers what a session was told, to tell it only what has changed.
type assignments struct {
	begun   bool
	workers told
	slots   told
}

// told has digests of what was told, by the id of its worker or slot: what was told itself may be large.
type told map[string][sha256.Size]byte

// untold is an attempt that no node can be told to run, and why.
type untold struct {
	run     string
	attempt uint32
	reason  error
}

// tell sends what a node has to be told to run what the view says; nothing if it knows everything. The first time it is
// complete. If the program of a worker cannot be made, the worker is told to stop, which holds up no other; its attempt
// is returned.
func (a *assignments) tell(
	d *Dispatch,
	view *state.View,
	node string,
	term uint64,
	send func(*agentv1.Assignment) error,
) ([]untold, error) {
	t := &telling{
		dispatch: d,
		view:     view,
		programs: programs{},
		parts:    newParts(&agentv1.Assignment{Term: term, Record: view.Sequence, Complete: !a.begun}, send),
	}
	slots, err := t.tellSlots(node, a.slots)
	if err != nil {
		return nil, err
	}
	workers, err := t.tellWorkers(node, a.workers)
	if err != nil {
		return nil, err
	}
	if err := t.parts.end(a.workers.without(workers), a.slots.without(slots)); err != nil {
		return nil, err
	}
	a.begun = true
	a.workers = workers
	a.slots = slots
	return t.untold, nil
}

// note keeps what is told of a worker or slot, and says whether that has changed.
func (t told) note(before told, id string, m proto.Message, p *program) (news bool, err error) {
	encoded, err := proto.MarshalOptions{Deterministic: true}.Marshal(m)
	if err != nil {
		return false, errs.New(errs.Internal, "cannot encode what %s is told: %w", id, err)
	}
	if p != nil {
		encoded = append(encoded, p.digest[:]...)
	}
	t[id] = sha256.Sum256(encoded)
	last, known := before[id]
	return !known || last != t[id], nil
}

// without returns the ids of what was told and is not told now.
func (t told) without(now told) (gone []string) {
	for id := range t {
		if _, still := now[id]; !still {
			gone = append(gone, id)
		}
	}
	slices.Sort(gone)
	return gone
}

// telling makes one assignment.
type telling struct {
	dispatch *Dispatch
	view     *state.View
	programs programs
	parts    *parts
	untold   []untold
}

// tellSlots tells the slots of a node that were told otherwise before, and returns what the node knows then.
func (t *telling) tellSlots(node string, before told) (told, error) {
	now := told{}
	for slot := range t.view.PoolOfNode(node) {
		assigned, program := t.slot(slot)
		news, err := now.note(before, slot.ID, assigned, program)
		if err == nil && news {
			err = t.parts.slot(assigned, program)
		}
		if err != nil {
			return nil, err
		}
	}
	return now, nil
}

// tellWorkers tells the workers of a node that were told otherwise before, and returns what the node knows then.
func (t *telling) tellWorkers(node string, before told) (told, error) {
	now := told{}
	for worker := range t.view.LiveWorkersOfNode(node) {
		assigned, program := t.worker(worker)
		news, err := now.note(before, worker.ID, assigned, program)
		if err == nil && news {
			err = t.parts.worker(assigned, program)
		}
		if err != nil {
			return nil, err
		}
	}
	return now, nil
}

// worker returns what a worker's node has to know of it, and what it runs. If that cannot be made, because it is too
// large or because of a bug, the worker is to stop.
func (t *telling) worker(worker *state.Worker) (to *agentv1.AssignedWorker, p *program) {
	err := t.dispatch.cfg.Panics.Do("assigning a worker", func() (err error) {
		to, p, err = t.assigned(worker)
		return err
	}, "worker", worker.ID, "run", worker.Run)
	if err == nil {
		return to, p
	}
	if attempt := t.view.Attempt(worker.Run, worker.Attempt); attempt == nil || !attempt.State.Over() {
		t.untold = append(t.untold, untold{worker.Run, worker.Attempt, err})
	}
	to = identityOf(worker)
	to.Desired = agentv1.Desired_DESIRED_STOP
	to.GraceSeconds = graceAfterEnd
	return to, nil
}

// assigned returns what one worker's node has to know of it, and what it runs.
func (t *telling) assigned(worker *state.Worker) (*agentv1.AssignedWorker, *program, error) {
	run := t.view.JobRun(worker.Run)
	to := identityOf(worker)
	to.MilliCpu = worker.Size.MilliCPU
	to.MemoryMib = worker.Size.MemoryMiB
	to.DiskMib = worker.Size.DiskMiB
	to.ShuffleOptimizedDisk = worker.Size.Disk == resource.DiskShuffleOptimized
	to.KeepOnDisconnect = run.Keep()
	to.AttemptsApart = run.Apart(worker.Attempt)
	to.Desired, to.GraceSeconds = t.dispatch.desired(t.view, worker, run)
	to.LogDestinations = Destinations(t.view, run, worker, t.dispatch.ManagedLogs())
	if run.Release != spec.ProcessRelease {
		to.ReleaseLabel = run.Release
		to.ReleaseDigest = digestOf(t.view, run.Release)
	}
	if run.Spark() != nil {
		to.Secret = t.dispatch.Secret(run.ID, worker.Attempt)
		if worker.Number == 0 {
			to.EndedPeers = endedPeers(t.view, worker)
			to.LeavingPeers = leavingPeers(t.view, worker)
			to.Shortage = t.dispatch.shortage(worker)
		}
	}
	p, err := t.programOf(worker, run)
	return to, p, err
}

// identityOf returns what names a worker to its node.
func identityOf(worker *state.Worker) *agentv1.AssignedWorker {
	return &agentv1.AssignedWorker{
		WorkerId:      worker.ID,
		Epoch:         worker.Epoch,
		JobRunId:      worker.Run,
		Attempt:       worker.Attempt,
		ApplicationId: worker.Application,
		Type:          worker.Type.String(),
		Number:        worker.Number,
		SlotId:        worker.Slot,
	}
}

// slot returns what a pre-initialised slot's node has to know of it, and what a process that waits in it is to fit.
func (t *telling) slot(slot *state.Slot) (*agentv1.AssignedSlot, *program) {
	to := &agentv1.AssignedSlot{
		SlotId:               slot.ID,
		ApplicationId:        slot.Application,
		Type:                 slot.Type.String(),
		MilliCpu:             slot.Size.MilliCPU,
		MemoryMib:            slot.Size.MemoryMiB,
		DiskMib:              slot.Size.DiskMiB,
		ShuffleOptimizedDisk: slot.Size.Disk == resource.DiskShuffleOptimized,
	}
	application := t.view.Application(slot.Application)
	if release := application.Release; release != spec.ProcessRelease {
		to.ReleaseLabel = release
		to.ReleaseDigest = digestOf(t.view, release)
	}
	var p *program
	_ = t.dispatch.cfg.Panics.Do("what a slot is warmed for", func() (err error) { // logged; it is not warmed then
		p, err = t.warmed(application, slot.Type)
		return err
	}, "application", application.ID)
	return to, p
}

// warmed returns what processes that wait in slots of a type are to fit; nil: nothing is known of that.
func (t *telling) warmed(application *state.Application, as state.WorkerType) (*program, error) {
	return t.programs.once(programKey{of: application.ID, as: as}, func() (*agentv1.Program, error) {
		return poolProgram(application, as), nil
	})
}

// digestOf returns the digest of a release's archive; nil: the servers have none.
func digestOf(view *state.View, release string) []byte {
	if row := view.Release(release); row != nil {
		return row.Digest
	}
	return nil
}

// desired returns what the cluster wants of a worker, and the seconds between the polite stop and the kill. A worker is
// to run while its attempt is active, unless its driver no longer wants it or its node drains.
func (d *Dispatch) desired(view *state.View, worker *state.Worker, run *state.JobRun) (agentv1.Desired, int64) {
	attempt := view.Attempt(worker.Run, worker.Attempt)
	switch {
	case worker.Leaving == state.LeavingStopped && run.State == state.RunCancelling:
		return agentv1.Desired_DESIRED_STOP, min(run.GraceSeconds, graceOnDrain)
	case worker.Leaving == state.LeavingStopped || attempt.Failure.Kind == state.FailedNodeDrained:
		return agentv1.Desired_DESIRED_STOP, graceOnDrain
	case attempt.State.Active() && !d.cfg.Demands.Stops(worker.Run, worker.Attempt, worker.Number):
		return agentv1.Desired_DESIRED_RUN, 0
	case attempt.State.Active():
		return agentv1.Desired_DESIRED_STOP, graceOnRequest
	case run.State == state.RunCancelling:
		return agentv1.Desired_DESIRED_STOP, run.GraceSeconds
	}
	return agentv1.Desired_DESIRED_STOP, graceAfterEnd
}
