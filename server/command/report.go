package command

import (
	"fmt"
	"strings"

	"github.com/headrace/headrace/fsm"
	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/fsm/wire"
	eventv1 "github.com/headrace/headrace/proto/headrace/event/v1"
)

// WorkerStatus is what a node says of one of its workers.
type WorkerStatus struct {
	WorkerID string
	Epoch    uint32
	Running  bool        // its process runs
	Start    Start       // how it was started
	Starved  int64       // bytes that it had used when the kernel killed a process of it, and it went on; 0: it did not
	Exit     *state.Exit // it is gone
}

// Start says how a worker in a pre-initialised slot was started.
type Start struct {
	Warm       bool   // it took over the warm process of the slot
	ColdReason string // why it did not
}

// ReportWorkers takes what a node says of its workers.
type ReportWorkers struct {
	Node     string
	Statuses []WorkerStatus

	Taken int // the result: so many of the statuses are decided on; the others are for a next step
}

// Decide believes what is news. A status changes nothing if it is of another epoch or node, or if the worker is gone
// already.
func (c *ReportWorkers) Decide(view *state.View, meta Meta) ([]*eventv1.Event, error) {
	d := draft(view, meta)
	c.Taken = reportAll(d, meta.Limits, c.Node, c.Statuses)
	judge(d, meta, c.Node, refusedStarts(view, c.Node, c.Statuses[:c.Taken]))
	return d.Events(), nil
}

// reportAll believes as many statuses as the step takes, and returns their number.
func reportAll(d *fsm.Draft, limits Limits, node string, statuses []WorkerStatus) (taken int) {
	for _, status := range statuses {
		if d.Full() {
			return taken
		}
		report(d, limits, node, status)
		taken++
	}
	return taken
}

func report(d *fsm.Draft, limits Limits, node string, status WorkerStatus) {
	worker := d.View().Worker(status.WorkerID)
	if worker == nil || !worker.Live() || worker.Node != node || worker.Epoch != status.Epoch {
		return
	}
	if worker.State == state.WorkerPlaced && status.ran() {
		runWorker(d, worker, status.Start)
		worker = d.View().Worker(worker.ID)
	}
	if status.Starved > 0 && worker.Starved == 0 && worker.State == state.WorkerRunning {
		d.Add(&eventv1.WorkerStarved{WorkerId: worker.ID, PeakMemoryBytes: status.Starved})
		worker = d.View().Worker(worker.ID)
	}
	if status.Exit != nil {
		endWorker(d, limits, worker, *status.Exit)
	}
}

// ran says whether the worker has, or had, a process. If it began and ended while nobody led, both
// become facts.
func (s WorkerStatus) ran() bool {
	if s.Exit == nil {
		return s.Running
	}
	return s.Exit.Reason == state.ExitExited || s.Exit.Reason == state.ExitOutOfMemory ||
		s.Exit.Reason == state.ExitOutOfDisk
}

// runWorker takes the fact that a worker's process runs. With the driver's process its attempt runs.
func runWorker(d *fsm.Draft, worker *state.Worker, start Start) {
	attempt := d.View().Attempt(worker.Run, worker.Attempt)
	if !attempt.State.Active() {
		return // it is being stopped; only its end is news
	}
	d.Add(&eventv1.WorkerRunning{
		WorkerId:   worker.ID,
		Host:       d.View().Node(worker.Node).Host,
		Warm:       start.Warm,
		ColdReason: start.ColdReason,
	})
	if worker.Number == 0 && attempt.State == state.AttemptScheduled {
		d.Add(&eventv1.AttemptRunning{JobRunId: worker.Run, Attempt: worker.Attempt})
	}
	provesNode(d, worker.Node)
}

// endWorker takes the fact that a worker is gone, and what follows from it for its attempt and run.
func endWorker(d *fsm.Draft, limits Limits, worker *state.Worker, exit state.Exit) {
	attempt := d.View().Attempt(worker.Run, worker.Attempt)
	d.Add(&eventv1.WorkerEnded{
		WorkerId:     worker.ID,
		Exit:         wire.Exit(exit),
		DeathsInRow:  deathsInRow(attempt, worker, exit),
		SlotReleased: slotGoes(d.View(), worker),
	})
	run := d.View().JobRun(worker.Run)
	if !attempt.State.Active() {
		settleRun(d, run.ID)
		settleApplication(d, run.Application)
		return
	}
	if exit.Reason == state.ExitStartRefused && attempt.State == state.AttemptScheduled {
		returnAttempt(d, limits, run, worker.Node, exit.Message)
		return
	}
	endPart(d, limits, run, worker, exit)
}

// endPart takes what the end of a worker means for an attempt that goes on, by the part that the worker plays in it.
func endPart(d *fsm.Draft, limits Limits, run *state.JobRun, worker *state.Worker, exit state.Exit) {
	switch {
	case worker.Number == 0:
		endDriver(d, limits, run, worker, exit)
	case worker.Type == state.TypeTask && exit.Reason == state.ExitStartRefused:
		refuseTask(d, limits, run, worker)
	case worker.Type == state.TypeTask:
		endTask(d, limits, run, worker, exit)
	case d.View().Attempt(run.ID, run.Attempt).Deaths >= deathLimit(limits, run):
		failAttempt(d, limits, run, dying(d.View(), worker, exit), worker.Node)
	}
}

// deathsInRow counts the workers beside the driver that died one after another. A worker that the cluster stopped or
// asked to leave, or that was lost with its node, does not count. After a worker that ended well, the count begins
// again.
func deathsInRow(attempt *state.Attempt, worker *state.Worker, exit state.Exit) uint32 {
	switch {
	case worker.Number == 0 || worker.Leaving != 0 || exit.Reason == state.ExitStopped ||
		exit.Reason == state.ExitNodeLost:
		return attempt.Deaths
	case endedWell(exit):
		return 0
	}
	return attempt.Deaths + 1
}

// deathLimit lets a large run lose more executors than a small one before it fails.
func deathLimit(limits Limits, run *state.JobRun) uint32 {
	return max(limits.Deaths, 2*run.Shape.Initial)
}

func dying(view *state.View, worker *state.Worker, exit state.Exit) state.Failure {
	_, said := ending(view, worker, exit)
	return state.Failure{
		Kind: state.FailedWorkersDying,
		Message: fmt.Sprintf("its workers kept dying; the last was %s %d: it %s",
			strings.ToLower(worker.Type.String()), worker.Number, said),
	}
}

// endDriver takes the driver's end, which is its attempt's.
func endDriver(d *fsm.Draft, limits Limits, run *state.JobRun, worker *state.Worker, exit state.Exit) {
	if endedWell(exit) {
		succeed(d, run)
		return
	}
	failAttempt(d, limits, run, failureOf(d.View(), worker, exit), worker.Node)
}

// endTask takes the end of a numbered task. If the task did not end well, it starts again as often as its run allows.
func endTask(d *fsm.Draft, limits Limits, run *state.JobRun, worker *state.Worker, exit state.Exit) {
	if endedWell(exit) || exit.Reason == state.ExitStopped || worker.Leaving != 0 ||
		taskFailures(d.View(), worker) <= run.Process().GetTaskRetries() {
		return
	}
	failAttempt(d, limits, run, failureOf(d.View(), worker, exit), worker.Node)
}

// taskFailures counts the workers of a task that did not end well since its attempt was placed. Those that the cluster
// stopped, or a node refused, do not count.
func taskFailures(view *state.View, worker *state.Worker) (n uint32) {
	placed := view.Attempt(worker.Run, worker.Attempt).Scheduled
	for w := range view.WorkersOfAttempt(worker.Run, worker.Attempt) {
		if w.Number == worker.Number && !w.Live() && !w.Placed.Before(placed) && !endedWell(w.Exit) &&
			w.Exit.Reason != state.ExitStopped && w.Leaving == 0 && w.Exit.Reason != state.ExitStartRefused {
			n++
		}
	}
	return n
}
