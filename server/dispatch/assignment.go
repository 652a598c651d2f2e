package dispatch

import (
	"bytes"
	"slices"

	"google.golang.org/protobuf/proto"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/resource"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
	"github.com/headrace/headrace/server/command"
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

// told is encoded assignments by the id of their worker or slot.
type told map[string][]byte

// next returns what a node has to be told to run what the view says; nil when it knows everything. The first one is complete.
func (a *assignments) next(d *Dispatch, view *state.View, node string, term uint64) (*agentv1.Assignment, error) {
	assignment := &agentv1.Assignment{Term: term, Record: view.Sequence, Complete: !a.begun}
	workers, slots := told{}, told{}
	for slot := range view.PoolOfNode(node) {
		assigned := assignedSlot(view, slot)
		news, err := slots.tell(a.slots, slot.ID, assigned)
		if err != nil {
			return nil, err
		}
		if news {
			assignment.Slots = append(assignment.Slots, assigned)
		}
	}
	for worker := range view.LiveWorkersOfNode(node) {
		assigned, err := d.assigned(view, worker)
		if err != nil {
			return nil, err
		}
		news, err := workers.tell(a.workers, worker.ID, assigned)
		if err != nil {
			return nil, err
		}
		if news {
			assignment.Workers = append(assignment.Workers, assigned)
		}
	}
	assignment.Forget, assignment.ForgetSlots = a.workers.without(workers), a.slots.without(slots)
	a.begun, a.workers, a.slots = true, workers, slots
	if !assignment.Complete && len(assignment.Workers)+len(assignment.Slots)+len(assignment.Forget)+len(assignment.ForgetSlots) == 0 {
		return nil, nil
	}
	return assignment, nil
}

// tell notes an assignment and says whether it is another than before.
func (t told) tell(before told, id string, m proto.Message) (news bool, err error) {
	encoded, err := proto.MarshalOptions{Deterministic: true}.Marshal(m)
	if err != nil {
		return false, err
	}
	t[id] = encoded
	last, known := before[id]
	return !known || !bytes.Equal(last, encoded), nil
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

// assignedSlot is what a pre-initialised slot's node has to know of it.
func assignedSlot(view *state.View, slot *state.Slot) *agentv1.AssignedSlot {
	to := &agentv1.AssignedSlot{SlotId: slot.ID, ApplicationId: slot.Application, Type: slot.Type.String(), MilliCpu: slot.Size.MilliCPU,
		MemoryMib: slot.Size.MemoryMiB, DiskMib: slot.Size.DiskMiB, ShuffleOptimizedDisk: slot.Size.Disk == resource.DiskShuffleOptimized}
	application := view.Application(slot.Application)
	if release := application.Release; release != command.ProcessRelease {
		to.ReleaseLabel, to.ReleaseDigest = release, digestOf(view, release)
	}
	setPoolProgram(to, application, slot.Type)
	return to
}

// digestOf is that of a release's archive; nil: the servers have none.
func digestOf(view *state.View, release string) []byte {
	if row := view.Release(release); row != nil {
		return row.Digest
	}
	return nil
}

// assigned is what one worker's node has to know of it.
func (d *Dispatch) assigned(view *state.View, worker *state.Worker) (*agentv1.AssignedWorker, error) {
	run := view.JobRun(worker.Run)
	to := &agentv1.AssignedWorker{WorkerId: worker.ID, Epoch: worker.Epoch, JobRunId: worker.Run, Attempt: worker.Attempt, ApplicationId: worker.Application,
		Type: worker.Type.String(), Number: worker.Number, MilliCpu: worker.Size.MilliCPU, MemoryMib: worker.Size.MemoryMiB, DiskMib: worker.Size.DiskMiB,
		ShuffleOptimizedDisk: worker.Size.Disk == resource.DiskShuffleOptimized,
		KeepOnDisconnect:     run.Submission.Keep, SlotId: worker.Slot, AttemptsApart: apart(run)}
	to.Desired, to.GraceSeconds = d.desired(view, worker, run)
	to.LogDestinations = Destinations(run, worker, d.ManagedLogs())
	if run.Release != command.ProcessRelease {
		to.ReleaseLabel, to.ReleaseDigest = run.Release, digestOf(view, run.Release)
	}
	return to, d.setProgram(to, view, worker, run)
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
