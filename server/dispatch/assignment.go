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
)

// assignments remembers what a session was told, to tell it only what has changed.
type assignments struct {
	begun   bool
	workers told
	slots   told
}

// told is digests of what was told, by the id of its worker or slot: what was told itself may be large.
type told map[string][sha256.Size]byte

// untold is an attempt that no node can be told to run, and why.
type untold struct {
	run     string
	attempt uint32
	reason  error
}

// tell sends what a node has to be told to run what the view says; nothing when it knows everything. The first time it is complete.
// A worker whose program cannot be made is told to stop, and holds up no other; its attempt is returned.
func (a *assignments) tell(d *Dispatch, view *state.View, node string, term uint64, send func(*agentv1.Assignment) error) ([]untold, error) {
	t := &telling{dispatch: d, view: view, programs: programs{},
		parts: newParts(&agentv1.Assignment{Term: term, Record: view.Sequence, Complete: !a.begun}, send)}
	workers, slots := told{}, told{}
	for slot := range view.PoolOfNode(node) {
		assigned, program := t.slot(slot)
		news, err := slots.note(a.slots, slot.ID, assigned, program)
		if err == nil && news {
			err = t.parts.slot(assigned, program)
		}
		if err != nil {
			return nil, err
		}
	}
	for worker := range view.LiveWorkersOfNode(node) {
		assigned, program := t.worker(worker)
		news, err := workers.note(a.workers, worker.ID, assigned, program)
		if err == nil && news {
			err = t.parts.worker(assigned, program)
		}
		if err != nil {
			return nil, err
		}
	}
	if err := t.parts.end(a.workers.without(workers), a.slots.without(slots)); err != nil {
		return nil, err
	}
	a.begun, a.workers, a.slots = true, workers, slots
	return t.untold, nil
}

// note keeps what is told of a worker or slot, and says whether it is another than before.
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

// without returns what was told and is not among what is told now, by id.
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

// worker is what a worker's node has to know of it, and what it runs. When that cannot be made, because
// it is too large or because of a bug, the worker is to stop.
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
	return &agentv1.AssignedWorker{WorkerId: worker.ID, Epoch: worker.Epoch, JobRunId: worker.Run, Attempt: worker.Attempt, ApplicationId: worker.Application,
		Type: worker.Type.String(), Number: worker.Number, SlotId: worker.Slot, Desired: agentv1.Desired_DESIRED_STOP, GraceSeconds: graceAfterEnd}, nil
}

// assigned is what one worker's node has to know of it.
func (t *telling) assigned(worker *state.Worker) (*agentv1.AssignedWorker, *program, error) {
	d, view, run := t.dispatch, t.view, t.view.JobRun(worker.Run)
	to := &agentv1.AssignedWorker{WorkerId: worker.ID, Epoch: worker.Epoch, JobRunId: worker.Run, Attempt: worker.Attempt, ApplicationId: worker.Application,
		Type: worker.Type.String(), Number: worker.Number, MilliCpu: worker.Size.MilliCPU, MemoryMib: worker.Size.MemoryMiB, DiskMib: worker.Size.DiskMiB,
		ShuffleOptimizedDisk: worker.Size.Disk == resource.DiskShuffleOptimized,
		KeepOnDisconnect:     run.Keep(), SlotId: worker.Slot, AttemptsApart: run.Retried()}
	to.Desired, to.GraceSeconds = d.desired(view, worker, run)
	to.LogDestinations = Destinations(view, run, worker, d.ManagedLogs())
	if run.Release != spec.ProcessRelease {
		to.ReleaseLabel, to.ReleaseDigest = run.Release, digestOf(view, run.Release)
	}
	if run.Spark() != nil {
		to.Secret = d.Secret(run.ID, worker.Attempt)
		if worker.Number == 0 {
			to.EndedPeers = endedPeers(view, worker)
		}
	}
	p, err := t.programOf(worker, run)
	return to, p, err
}

// slot is what a pre-initialised slot's node has to know of it, and what a process that waits in it is to fit.
func (t *telling) slot(slot *state.Slot) (*agentv1.AssignedSlot, *program) {
	to := &agentv1.AssignedSlot{SlotId: slot.ID, ApplicationId: slot.Application, Type: slot.Type.String(), MilliCpu: slot.Size.MilliCPU,
		MemoryMib: slot.Size.MemoryMiB, DiskMib: slot.Size.DiskMiB, ShuffleOptimizedDisk: slot.Size.Disk == resource.DiskShuffleOptimized}
	application := t.view.Application(slot.Application)
	if release := application.Release; release != spec.ProcessRelease {
		to.ReleaseLabel, to.ReleaseDigest = release, digestOf(t.view, release)
	}
	var p *program
	_ = t.dispatch.cfg.Panics.Do("what a slot is warmed for", func() (err error) { // logged; it is not warmed then
		p, err = t.programs.once(programKey{of: application.ID, as: slot.Type}, func() (*agentv1.Program, error) { return poolProgram(application, slot.Type), nil })
		return err
	}, "application", application.ID)
	return to, p
}

// digestOf is that of a release's archive; nil: the servers have none.
func digestOf(view *state.View, release string) []byte {
	if row := view.Release(release); row != nil {
		return row.Digest
	}
	return nil
}

// desired is what the cluster wants of a worker: it is to run while its attempt is, unless its driver wants it no longer.
func (d *Dispatch) desired(view *state.View, worker *state.Worker, run *state.JobRun) (agentv1.Desired, int64) {
	attempt := view.Attempt(worker.Run, worker.Attempt)
	switch {
	case attempt.State.Active() && !d.cfg.Demands.Stops(worker.Run, worker.Attempt, worker.Number):
		return agentv1.Desired_DESIRED_RUN, 0
	case attempt.State.Active():
		return agentv1.Desired_DESIRED_STOP, graceOnRequest
	case run.State == state.RunCancelling:
		return agentv1.Desired_DESIRED_STOP, run.GraceSeconds
	}
	return agentv1.Desired_DESIRED_STOP, graceAfterEnd
}
