package command

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/lastwords"
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
	kind, said := ending(view, worker, exit)
	if starved := starvedExecutor(view, worker, exit); starved != nil {
		lacked, end := starving(view, starved)
		kind = lacked
		said = fmt.Sprintf("%s; its executor %d %s", said, starved.Number, end)
	}
	return state.Failure{Kind: kind, Message: who + " " + said}
}

// ending classifies how a worker ended, from the reason and the end of its stderr, and describes it.
func ending(view *state.View, worker *state.Worker, exit state.Exit) (kind state.FailureKind, said string) {
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
		return state.FailedFileNotFound, with("needs a file that cannot be used", exit.Message)
	case state.ExitAccessDenied:
		return state.FailedAccessDenied, with("needs a file that it may not read", exit.Message)
	}
	return exitSaid(view, worker, exit)
}

// exitSaid is ending for a process that ended by itself.
func exitSaid(view *state.View, worker *state.Worker, exit state.Exit) (kind state.FailureKind, said string) {
	seen := evidenceOf(exit)
	if exit.Code == exitNoMemory && worker.Type == state.TypeExecutor {
		seen.kind = state.FailedOutOfMemory
	}
	if seen.kind == state.FailedOutOfMemory {
		seen.hint = memoryHint(view, worker, exit, seen)
	}
	said = with(codeSaid(exit)+signalOfPython(view, worker, exit), shortened(seen.line))
	if seen.hint != "" {
		said += "; " + seen.hint
	}
	return seen.kind, said
}

// memoryHint says who ran out of memory, and what to raise.
func memoryHint(view *state.View, worker *state.Worker, exit state.Exit, seen evidence) string {
	if worker.Type != state.TypeDriver || !seen.remote {
		return fmt.Sprintf("it ran out of memory (peak %d bytes); %s", exit.PeakBytes, moreMemory(worker))
	}
	limit := sparkProperties(view, worker)["spark.executor.pyspark.memory"]
	switch {
	case !pythonMemory.MatchString(seen.line) && outsideHeap.MatchString(seen.line):
		return "an executor ran out of memory outside of its heap; raise spark.executor.memoryOverhead"
	case !pythonMemory.MatchString(seen.line):
		return "an executor ran out of memory; raise spark.executor.memory or spark.executor.memoryOverhead"
	case limit != "":
		return "a Python worker of an executor used more than spark.executor.pyspark.memory, which is " + limit +
			": raise that"
	}
	return "a Python worker of an executor ran out of memory; raise spark.executor.memoryOverhead"
}

var (
	// pythonMemory is what Python says when it gets no more memory.
	pythonMemory = regexp.MustCompile(`(?:^|[^A-Za-z])(?:_Array|Arrow)?MemoryError\b`)
	// outsideHeap is what the JVM says when it gets no more memory outside of its heap, such as for Arrow.
	outsideHeap = regexp.MustCompile(`arrow|direct buffer|Direct buffer|Native memory|native thread|bad_alloc|` +
		`Cannot allocate memory`)
)

// sparkProperties returns the properties that the workers of a Spark run were started with; nil for another run.
func sparkProperties(view *state.View, worker *state.Worker) map[string]string {
	return view.Launch(view.JobRun(worker.Run)).GetSpark().GetProperties()
}

// signalOfPython says which signal may have ended a Python driver. It is Spark's child, so that the cluster sees only
// Spark's exit code, which is 128 plus the signal then.
func signalOfPython(view *state.View, worker *state.Worker, exit state.Exit) string {
	python := strings.HasSuffix(view.JobRun(worker.Run).Spark().GetEntryPoint(), ".py")
	number := exit.Code - 128
	if !python || worker.Type != state.TypeDriver || exit.Signal != 0 || !signal.Known(number) {
		return ""
	}
	return fmt.Sprintf(", as when its Python is ended by %s", signal.Name(number))
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
// because it lost executors, or Python workers of them. The driver itself does not know why it lost them.
func starvedExecutor(view *state.View, driver *state.Worker, exit state.Exit) (starved *state.Worker) {
	if driver.Number != 0 || exit.Reason != state.ExitExited {
		return nil
	}
	chain := strings.Join(causesOf(exit.Message), "\n")
	whole := lostExecutor.MatchString(chain)
	part := lostPythonWorker.MatchString(chain)
	for worker := range view.WorkersOfAttempt(driver.Run, driver.Attempt) {
		ended := whole && starves(worker.Exit)
		wentOn := (whole || part) && worker.Starved > 0
		if worker.Type == state.TypeExecutor && (ended || wentOn) {
			starved = worker
		}
	}
	return starved
}

// starves says whether a worker ended because it had too little memory or disk; one that lives did not.
func starves(exit state.Exit) bool {
	switch exit.Reason {
	case state.ExitOutOfMemory, state.ExitOutOfDisk:
		return true
	case state.ExitExited:
		return exit.Code == exitNoMemory
	}
	return false
}

// starving describes the end of an executor that had too little, or what it lost while it went on.
func starving(view *state.View, worker *state.Worker) (kind state.FailureKind, said string) {
	if starves(worker.Exit) || worker.Starved == 0 {
		return ending(view, worker, worker.Exit)
	}
	return state.FailedOutOfMemory, fmt.Sprintf("used more memory than the %s that it holds (peak %d bytes), and the "+
		"kernel killed a process of it, such as a Python worker; raise spark.executor.memoryOverhead, or set "+
		"spark.executor.pyspark.memory", resource.FormatMiB(worker.Size.MemoryMiB), worker.Starved)
}

var (
	// lostExecutor is what Spark says when executors were lost.
	lostExecutor = regexp.MustCompile(`ExecutorLostFailure`)
	// lostPythonWorker is what it says when the Python workers of executors were.
	lostPythonWorker = regexp.MustCompile(`Python worker (?:exited|failed)|java\.io\.EOFException|` +
		`SocketException: (?:Connection reset|Broken pipe)`)
)

// causesOf returns the last exception that a program told of, and what caused it; nil: there is none.
func causesOf(message string) []string {
	if e := lastwords.Read(message).Error; e != nil {
		return e.Chain
	}
	return nil
}
