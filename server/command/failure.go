package command

import (
	"fmt"
	"strings"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/resource"
	"github.com/headrace/headrace/internal/signal"
)

// exitNoMemory is the code with which Spark's executors end when their JVM has no memory left.
const exitNoMemory = 52

// failureOf classifies the end of a worker without which its attempt cannot go on, and describes it for people.
func failureOf(view *state.View, worker *state.Worker, exit state.Exit) state.Failure {
	who := "its driver"
	if worker.Number != 0 {
		who = fmt.Sprintf("its task %d", worker.Number)
	}
	kind, said := ending(worker, exit)
	if starved := starvedExecutor(view, worker, exit); starved != nil {
		lacked, end := ending(starved, starved.Exit)
		kind = lacked
		said = fmt.Sprintf("%s; its executor %d %s", said, starved.Number, end)
	}
	return state.Failure{Kind: kind, Message: who + " " + said}
}

// ending classifies how a worker ended, from the reason and the end of its stderr, and describes it.
func ending(worker *state.Worker, exit state.Exit) (kind state.FailureKind, said string) {
	switch exit.Reason {
	case state.ExitOutOfMemory:
		return state.FailedOutOfMemory, fmt.Sprintf("used more memory than the %s that it holds (peak %d bytes); %s",
			resource.FormatMiB(worker.Size.MemoryMiB), exit.PeakBytes, moreMemory(worker))
	case state.ExitOutOfDisk:
		return state.FailedOutOfDisk, with("was ended for its disk", firstLine(exit.Message))
	case state.ExitNodeLost:
		return state.FailedLostNode, with("was on a node that was lost", exit.Message)
	case state.ExitDisappeared:
		return state.FailedLostNode, with("disappeared", exit.Message)
	case state.ExitStopped:
		return state.FailedLostNode, with("was stopped", exit.Message)
	case state.ExitStartRefused:
		return state.FailedStartRefused, with("was not started", exit.Message)
	case state.ExitFileNotFound:
		return state.FailedFileNotFound, with("needs a file that cannot be fetched", exit.Message)
	case state.ExitAccessDenied:
		return state.FailedAccessDenied, with("needs a file that it may not read", exit.Message)
	}
	return exitSaid(worker, exit)
}

// exitSaid is ending for a process that ended by itself.
func exitSaid(worker *state.Worker, exit state.Exit) (kind state.FailureKind, said string) {
	seen := evidenceOf(exit.Message)
	if exit.Code == exitNoMemory && worker.Type == state.TypeExecutor {
		seen.kind = state.FailedOutOfMemory
	}
	if seen.kind == state.FailedOutOfMemory {
		seen.hint = fmt.Sprintf("it ran out of memory (peak %d bytes); %s", exit.PeakBytes, moreMemory(worker))
	}
	said = with(codeSaid(exit), shortened(seen.line))
	if seen.hint != "" {
		said += "; " + seen.hint
	}
	return seen.kind, said
}

// firstLine returns what the node says of an end. The other lines are the program's.
func firstLine(message string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(message), "\n")
	return line
}

func moreMemory(worker *state.Worker) string {
	if worker.Type == state.TypeExecutor {
		return "raise spark.executor.memory or spark.executor.memoryOverhead"
	}
	return "raise its memory"
}

// codeSaid tells an exit code as the number that it is; only a signal is told as one.
func codeSaid(exit state.Exit) string {
	if exit.Signal != 0 {
		return "was ended by " + signal.Name(exit.Signal)
	}
	return fmt.Sprintf("ended with exit code %d", exit.Code)
}

func with(said, more string) string {
	if more = strings.TrimSpace(more); more == "" {
		return said
	}
	return said + ": " + more
}

// starvedExecutor returns the newest executor that had too little memory or disk, if the driver says that it gave up
// because it lost executors. The driver itself does not know why it lost them.
func starvedExecutor(view *state.View, driver *state.Worker, exit state.Exit) (starved *state.Worker) {
	if driver.Number != 0 || exit.Reason != state.ExitExited {
		return nil
	}
	said := strings.Join(causesSaid(exit.Message), "\n")
	if !strings.Contains(said, "ExecutorLostFailure") {
		return nil
	}
	for worker := range view.WorkersOfAttempt(driver.Run, driver.Attempt) {
		if worker.Type == state.TypeExecutor && !worker.Live() && starves(worker.Exit) {
			starved = worker
		}
	}
	return starved
}

// starves says whether a worker ended because it had too little memory or disk.
func starves(exit state.Exit) bool {
	switch exit.Reason {
	case state.ExitOutOfMemory, state.ExitOutOfDisk:
		return true
	case state.ExitExited:
		return exit.Code == exitNoMemory
	}
	return false
}
