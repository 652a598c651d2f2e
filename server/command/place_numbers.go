package command

import "github.com/headrace/headrace/fsm/state"

// nextNumbers returns a function that gives the numbers of new workers. An executor's number is always new. A task's is
// the lowest that no task of the attempt holds or has finished. An attempt that begins places every task, also a task
// that ended before a node refused the driver.
func nextNumbers(view *state.View, run *state.JobRun, attempt *state.Attempt) func() uint32 {
	next := attempt.LastNumber
	tasks := run.Shape.Worker == state.TypeTask
	begins := !attempt.State.Active()
	if tasks {
		next = 0
	}
	return func() uint32 {
		for next++; tasks && !begins && !TaskMissing(view, run, attempt, next); {
			next++
		}
		return next
	}
}

// TaskMissing says whether the task with a number is to be placed: it was never placed, or its newest worker is gone
// and did not end well.
func TaskMissing(view *state.View, run *state.JobRun, attempt *state.Attempt, number uint32) bool {
	newest := view.NewestWorker(run.ID, attempt.Number, number)
	return newest == nil || !newest.Live() && !endedWell(newest.Exit)
}

// MissingTasks counts the tasks of an attempt that are to be placed.
func MissingTasks(view *state.View, run *state.JobRun, attempt *state.Attempt) (n uint32) {
	for number := uint32(1); number <= run.Shape.Maximum; number++ {
		if TaskMissing(view, run, attempt, number) {
			n++
		}
	}
	return n
}

func endedWell(exit state.Exit) bool { return exit.Reason == state.ExitExited && exit.Code == 0 }

func nextEpoch(view *state.View, run string, attempt, number uint32) uint32 {
	if newest := view.NewestWorker(run, attempt, number); newest != nil {
		return newest.Epoch + 1
	}
	return 1
}
