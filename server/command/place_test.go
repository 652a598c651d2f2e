package command_test

import (
	"testing"
	"time"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/server/command"
)

func TestPlace_RefusesWhatNoLongerHolds(t *testing.T) {
	w := newWorld(t)
	w.given(create("small", auto, limited(2, 0, 0)))
	w.given(submit("waits", 2), submit("small", 1, in("small")), submit("small2", 0, in("small")))
	w.given(place("small", 1, "n2", "n2")) // holds the whole limit
	w.given(submit("retries", 0, attempts(2)))
	w.again("retries")
	w.given(exited(w.worker("retries", 0), badly))
	w.runs("big", 6)
	w.given(submit("refused", 0), place("refused", 1, "n2"))
	w.given(exited(w.worker("refused", 0), full))
	inZone := func(c *command.Place, zone string) *command.Place { c.Zone = zone; return c }
	for _, c := range []struct {
		proposal *command.Place
		said     string
	}{
		{place("none", 1, "n1"), "it is not the newest"},
		{place("waits", 2, "n1"), "it is not the newest"},
		{place("retries", 1, "n1"), "it is not the newest"},
		{place("retries", 2, "n1"), "its back-off is not over"},
		{place("big", 1, "n1", "n1"), "it is RUNNING"},
		{place("waits", 1, "", "n1"), "cannot add workers to attempt 1 of run waits: it is WAITING"},
		{place("waits", 1, "n1", "n1"), "1 workers were proposed, it takes 2 to 2"},
		{place("waits", 1, "n1", "n1", "n1", "n1"), "3 workers were proposed, it takes 2 to 2"},
		{inZone(place("big", 1, "", "n3"), "b"), `it is RUNNING in zone "a"`},
		{place("big", 1, "", "n1"), "it has 6 of at most 6"},
		{place("small2", 1, "n1"), "application small may use 2 vCPU"},
		{place("waits", 1, "n2", "n2", "n3"), `on node n3: it is not ready in zone "a"`},
		{place("waits", 1, "n2", "n2", "n9"), "on node n9: it is not ready"},
		{place("waits", 1, "n2", "n1", "n1"), "on node n1: needs 2 vCPU, 4 GB, 40 GB disk, 1 vCPU"},
		{place("refused", 1, "n2"), "the node refused to start its attempt 1"},
	} {
		w.refuses(c.proposal, errs.Refused, c.said)
	}
	w.given(&command.LoseNode{Node: "n2", Reason: "gone"})
	w.refuses(place("waits", 1, "n2", "n2", "n2"), errs.Refused, "on node n2: it is not ready")
	w.now = w.now.Add(time.Second)
	w.then(place("retries", 2, "n1"), "AttemptScheduled", "WorkersPlaced")
}

// The driver and its workers on the same node are counted together.
func TestPlace_FillsANodeToItsLastPart(t *testing.T) {
	w := newWorld(t)
	w.given(submit("run", 7))
	w.then(place("run", 1, "n1", "n1", "n1", "n1", "n1", "n1", "n1", "n1"), "AttemptScheduled", "WorkersPlaced",
		"WorkersPlaced")
	w.given(submit("next", 0))
	w.refuses(place("next", 1, "n1"), errs.Refused, "0 vCPU")
}

// The next attempt has to wait until all workers of the one before are gone.
func TestPlace_WaitsForTheOldWorkers(t *testing.T) {
	w := newWorld(t)
	w.runs("run", 1, attempts(2))
	old := w.worker("run", 1)
	w.given(exited(w.worker("run", 0), badly))
	w.now = w.now.Add(time.Minute)
	w.refuses(place("run", 2, "n1", "n1"), errs.Refused, "still live")
	w.given(exited(old, stopped))
	w.given(place("run", 2, "n1", "n1"))
}

func TestPlace_GivesATaskThatIsMissingItsNumberAgain(t *testing.T) {
	w := newWorld(t)
	w.runs("run", 3, taskRetries(1))
	w.given(exited(w.worker("run", 1), well), exited(w.worker("run", 2), badly))
	w.refuses(place("run", 1, "", "n1", "n1"), errs.Refused,
		"cannot add 2 tasks to attempt 1 of run run: 1 are missing")
	w.given(place("run", 1, "", "n2"))
	if again := w.worker("run", 2); again.Epoch != 2 || again.Node != "n2" || !again.Live() {
		t.Errorf("task 2 is now %+v", again)
	}
	w.refuses(place("run", 1, "", "n2"), errs.Refused, "0 are missing")
}

func TestPlace_GivesEveryExecutorANumberOfItsOwn(t *testing.T) {
	w := newWorld(t)
	w.sparkRuns("run")
	w.given(exited(w.worker("run", 2), badly), place("run", 1, "", "n2"))
	if w.worker("run", 3).Epoch != 1 || w.view.Attempt("run", 1).LastNumber != 3 {
		t.Errorf("the new executor is %+v", w.worker("run", 3))
	}
}

// smallWorkers gives a Spark run's driver and executors 1 vCPU each.
const smallWorkers = "--conf spark.driver.cores=1 --conf spark.driver.memory=2g " +
	"--conf spark.executor.cores=1 --conf spark.executor.memory=2g "

// sparkRuns brings a Spark run with two executors of 1 vCPU on n1 to RUNNING.
func (w *world) sparkRuns(id string, change ...func(*command.StartJobRun)) {
	w.t.Helper()
	w.given(create("spark", auto, engine(state.EngineSpark, "emr-7.2.0")))
	w.runs(id, 0, append([]func(*command.StartJobRun){
		in("spark"), program(sparkDriver("--conf spark.executor.instances=2 " + smallWorkers)),
	}, change...)...)
}

// A task that ended well before a node refused the driver is placed again with the attempt, under its own number.
func TestPlace_AnAttemptThatReturnedPlacesEveryTaskAgain(t *testing.T) {
	w := newWorld(t)
	w.given(submit("r", 1), place("r", 1, "n1", "n2"))
	w.given(exited(w.worker("r", 1), well), exited(w.worker("r", 0), full))
	w.given(place("r", 1, "n2", "n2"))
	if task := w.worker("r", 1); task.Epoch != 2 || !task.Live() {
		t.Errorf("task 1 was not placed again: %+v", task)
	}
}
