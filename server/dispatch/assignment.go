package dispatch

import (
	"google.golang.org/protobuf/proto"

	"github.com/headrace/headrace/fsm/state"
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
	told map[string][]byte // worker → its encoded assignment
}

// next returns what a node has to be told to run what the view says; nil when it knows everything. The first one is complete.
func (a *assignments) next(d *Dispatch, view *state.View, node string, term uint64) (*agentv1.Assignment, error) {
	assignment := &agentv1.Assignment{Term: term, Record: view.Sequence, Complete: a.told == nil}
	told := map[string][]byte{}
	for worker := range view.LiveWorkersOfNode(node) {
		assigned, err := d.assigned(view, worker)
		if err != nil {
			return nil, err
		}
		encoded, err := proto.MarshalOptions{Deterministic: true}.Marshal(assigned)
		if err != nil {
			return nil, err
		}
		told[worker.ID] = encoded
		if before, known := a.told[worker.ID]; !known || string(before) != string(encoded) {
			assignment.Workers = append(assignment.Workers, assigned)
		}
	}
	for id := range a.told {
		if _, still := told[id]; !still {
			assignment.Forget = append(assignment.Forget, id)
		}
	}
	a.told = told
	if !assignment.Complete && len(assignment.Workers) == 0 && len(assignment.Forget) == 0 {
		return nil, nil
	}
	return assignment, nil
}

// assigned is what one worker's node has to know of it.
func (d *Dispatch) assigned(view *state.View, worker *state.Worker) (*agentv1.AssignedWorker, error) {
	run := view.JobRun(worker.Run)
	to := &agentv1.AssignedWorker{WorkerId: worker.ID, Epoch: worker.Epoch, JobRunId: worker.Run, Attempt: worker.Attempt, ApplicationId: worker.Application,
		Type: worker.Type.String(), Number: worker.Number, MilliCpu: worker.Size.MilliCPU, MemoryMib: worker.Size.MemoryMiB, DiskMib: worker.Size.DiskMiB,
		KeepOnDisconnect: run.Submission.Keep}
	to.Desired, to.GraceSeconds = d.desired(view, worker, run)
	if run.Release != command.ProcessRelease {
		to.ReleaseLabel = run.Release
	}
	if release := view.Release(run.Release); release != nil {
		to.ReleaseDigest = release.Digest
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
