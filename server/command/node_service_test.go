package command_test

import (
	"testing"
	"time"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/server/command"
)

func TestCordonNode_TakesNothingNewAndKeepsWhatRuns(t *testing.T) {
	w := newWorld(t)
	w.runs("run", 0)
	w.refuses(&command.CordonNode{IDOrName: "none"}, errs.NotFound, `"none"`)
	w.then(&command.CordonNode{IDOrName: "n1", Reason: "a fan", By: "ann"}, "NodeCordoned")
	w.then(&command.CordonNode{IDOrName: "n1", Reason: "a fan", By: "bob"})
	w.then(&command.CordonNode{IDOrName: "n1", Reason: "two fans", By: "bob"}, "NodeCordoned")
	w.given(submit("next", 0))
	w.refuses(place("next", 1, "n1"), errs.Refused, "it is CORDONED")
	w.wantRun("run", state.RunRunning, "")
	w.given(&command.LoseNode{Node: "n2"}, node("n2", "a"))
	w.given(w.returns("n1"))
	if row := w.view.Node("n1"); row.Takes() || row.Cordon.By != "bob" || row.Cordon.Reason != "two fans" {
		t.Errorf("after its agent came back the node is %+v", row)
	}
	w.then(&command.UncordonNode{IDOrName: "n1"}, "NodeUncordoned")
	w.then(&command.UncordonNode{IDOrName: "n1"})
	w.then(place("next", 1, "n1"), "AttemptScheduled", "WorkersPlaced")
}

// drains begins a drain, and does a step of it.
func (w *world) drains(c *command.DrainNode) *command.AdvanceDrain {
	w.given(c)
	return &command.AdvanceDrain{Node: "n1", Room: command.RoomForDrains(w.view, w.limits, w.now)}
}

func TestAdvanceDrain_ADriverIsWaitedForUntilTheDeadline(t *testing.T) {
	w := newWorld(t)
	w.runs("run", 0)
	step := w.drains(&command.DrainNode{IDOrName: "n1", Within: time.Minute})
	w.then(step)
	w.now = w.now.Add(time.Minute)
	w.then(step, "AttemptEnded", "AttemptCreated")
	w.wantRun("run", state.RunPending, "")
	attempt := w.view.Attempt("run", 2)
	if attempt.AvoidNode != "n1" || attempt.AvoidZone != "" {
		t.Errorf("the next attempt avoids node %q and zone %q", attempt.AvoidNode, attempt.AvoidZone)
	}
	w.then(step)
	w.then(exited(w.view.Driver("run", 1), state.Exit{Reason: state.ExitStopped}), "WorkerEnded")
	w.then(step, "NodeDrained")
	w.now = w.now.Add(time.Second)
	w.given(place("run", 2, "n2"))
	w.given(running(w.worker("run", 0)))
	w.then(exited(w.worker("run", 0), state.Exit{Reason: state.ExitExited, Code: 1}),
		"WorkerEnded", "AttemptEnded", "JobRunEnded") // the one attempt that it may have
}

func TestAdvanceDrain_StopsADriverAtOnceIfTold(t *testing.T) {
	w := newWorld(t)
	w.runs("run", 0)
	w.then(w.drains(&command.DrainNode{IDOrName: "n1", Within: time.Hour, StopDrivers: true}),
		"AttemptEnded", "AttemptCreated")
}

// However much drains at once, only so much is on its way out. What there is no room for goes when there is.
func TestAdvanceDrain_KeepsWithinTheRoomOfAllDrains(t *testing.T) {
	w := newWorld(t)
	w.limits.DrainStops = 1
	w.runs("one", 0)
	w.runs("two", 0)
	step := w.drains(&command.DrainNode{IDOrName: "n1"})
	w.then(step, "AttemptEnded", "AttemptCreated")
	step.Room = command.RoomForDrains(w.view, w.limits, w.now)
	w.then(step)
	if step.Room.Stops != 0 || w.view.JobRun("two").State != state.RunRunning {
		t.Errorf("there is room for %d, and the other run is %s", step.Room.Stops, w.view.JobRun("two").State)
	}
	w.given(exited(w.view.Driver("one", 1), state.Exit{Reason: state.ExitStopped}))
	step.Room = command.RoomForDrains(w.view, w.limits, w.now)
	w.then(step, "AttemptEnded", "AttemptCreated")
}

// What does not die holds up other drains for a while only.
func TestRoomForDrains_IsNotHeldForEverByWhatDoesNotLeave(t *testing.T) {
	w := newWorld(t)
	w.limits.DrainStops = 1
	w.runs("one", 0)
	w.runs("two", 0)
	step := w.drains(&command.DrainNode{IDOrName: "n1"})
	w.then(step, "AttemptEnded", "AttemptCreated")
	for after, want := range map[time.Duration]int{0: 0, 119 * time.Second: 0, 120 * time.Second: 1} {
		if room := command.RoomForDrains(w.view, w.limits, w.now.Add(after)); room.Stops != want {
			t.Errorf("after %s there is room for %d stops, not %d", after, room.Stops, want)
		}
	}
}

// A user says how long the stop of a run may take that he cancels. Drains do not wait for that.
func TestRoomForDrains_IsNotTakenByWhatEndsAnyway(t *testing.T) {
	w := newWorld(t)
	w.limits.DrainStops = 1
	w.runs("one", 0)
	w.runs("two", 0)
	w.given(&command.CancelJobRun{ApplicationID: "app", JobRunID: "one", GraceSeconds: new(int64(3600))})
	w.then(w.drains(&command.DrainNode{IDOrName: "n1", Within: time.Hour, StopDrivers: true}),
		"AttemptEnded", "AttemptCreated")
	if w.view.JobRun("two").State != state.RunPending {
		t.Errorf("the run that is to leave is %s", w.view.JobRun("two").State)
	}
}

// What a user cancels with a long grace keeps the node no longer than what runs.
func TestAdvanceDrain_EndsThePatienceWithCancelledRunsAtTheDeadline(t *testing.T) {
	w := newWorld(t)
	w.runs("run", 0)
	w.given(&command.CancelJobRun{ApplicationID: "app", JobRunID: "run", GraceSeconds: new(int64(3600))})
	step := w.drains(&command.DrainNode{IDOrName: "n1", Within: time.Minute})
	w.then(step)
	w.now = w.now.Add(time.Minute)
	w.then(step, "WorkersLeaving")
	w.then(step)
	if is := w.worker("run", 0).Leaving; is != state.LeavingStopped {
		t.Errorf("its driver is leaving %s", is)
	}
}

func TestCancelDrain_LeavesItCordoned(t *testing.T) {
	w := newWorld(t)
	w.refuses(&command.CancelDrain{IDOrName: "n1"}, errs.WrongState, "it is OPEN")
	w.runs("run", 0)
	step := w.drains(&command.DrainNode{IDOrName: "n1"})
	w.then(&command.CancelDrain{IDOrName: "n1"}, "NodeDrainCancelled")
	w.then(step)
	if is := w.view.Node("n1").Service(); is != state.ServiceCordoned {
		t.Errorf("the node is %s", is)
	}
}

// refusedOn has a node refuse a run of an application.
func (w *world) refusedOn(run, application string) {
	w.t.Helper()
	c := submit(run, 0)
	c.ApplicationID = application
	w.given(c, place(run, 1, "n1"))
	w.given(exited(w.worker(run, 0), full))
}

// What one user's application asks for may be why it does not start: that alone takes no node away.
func TestJudge_OneApplicationTakesNoNodeAway(t *testing.T) {
	w := newWorld(t)
	w.given(create("other"), &command.StartApplication{ApplicationID: "other"})
	for _, run := range []string{"a", "b", "c", "d"} {
		w.refusedOn(run, "app")
	}
	if !w.view.Node("n1").Takes() {
		t.Fatal("one application took a node away")
	}
	w.refusedOn("e", "other")
	if is := w.view.Node("n1").Service(); is != state.ServiceSetAside {
		t.Errorf("after a failure of another application it is %s", is)
	}
	w.given(&command.UncordonNode{IDOrName: "n1"})
	if !w.view.Node("n1").Takes() {
		t.Error("an operator cannot take it back")
	}
}

// Where others have applications, too, those of one user take no node away, however many they are.
func TestJudge_OneUserTakesNoNodeAway(t *testing.T) {
	w := newWorld(t)
	theirs := create("theirs")
	theirs.CreatedBy = "bob"
	w.given(create("other"), &command.StartApplication{ApplicationID: "other"})
	w.given(theirs, &command.StartApplication{ApplicationID: "theirs"})
	for i, run := range []string{"a", "b", "c", "d"} {
		w.refusedOn(run, []string{"app", "other"}[i%2])
	}
	if !w.view.Node("n1").Takes() {
		t.Fatal("two applications of one user took a node away")
	}
	w.refusedOn("e", "theirs")
	if is := w.view.Node("n1").Service(); is != state.ServiceSetAside {
		t.Errorf("after a failure of another user it is %s", is)
	}
	w.now = w.now.Add(20 * time.Minute)
	w.given(&command.TryNode{Node: "n1"})
	w.refusedOn("f", "app")
	if !w.view.Node("n1").Takes() {
		t.Error("one user alone sets a node on trial aside again")
	}
}

// Slots are prepared for what their application asks for, so that those of one take no node away either.
func TestJudge_SlotsOfOneApplicationTakeNoNodeAway(t *testing.T) {
	w := newWorld(t)
	w.withPool(0, 4)
	for _, slot := range w.slots(state.TypeTask) {
		cannot := command.SlotStatus{SlotID: slot.ID, Error: "the disk is full"}
		w.given(&command.ReportSlots{Node: slot.Node, Statuses: []command.SlotStatus{cannot}})
	}
	if n := len(w.view.Node("n1").Failures); n < 3 {
		t.Fatalf("%d failures stand at the node", n)
	}
	if !w.view.Node("n1").Takes() {
		t.Error("slots that cannot be prepared took a node away")
	}
}

func TestJudge_FailuresGrowOld(t *testing.T) {
	w := newWorld(t)
	w.given(create("other"), &command.StartApplication{ApplicationID: "other"})
	w.refusedOn("a", "app")
	w.refusedOn("b", "other")
	w.now = w.now.Add(11 * time.Minute)
	w.refusedOn("c", "app")
	if !w.view.Node("n1").Takes() {
		t.Error("a failure of eleven minutes ago counts")
	}
}

// The nodes of a cluster fail one after the other: all but one of these three stay.
func TestJudge_SetsNoMoreAsideThanAShare(t *testing.T) {
	w := newWorld(t)
	for range 3 {
		for _, id := range []string{"n1", "n2", "n3"} {
			w.now = w.now.Add(time.Second)
			w.loses(id)
		}
	}
	if n := w.aside(); n != 1 {
		t.Errorf("%d of 3 nodes are set aside", n)
	}
}

func (w *world) aside() (n int) {
	for node := range w.view.Nodes() {
		if node.SetAside() {
			n++
		}
	}
	return n
}

// loses loses a node with a run on it, and has it come back.
func (w *world) loses(id string) {
	w.t.Helper()
	run := w.NewID()
	w.given(submit(run, 0))
	if w.view.Node(id).Takes() {
		c := place(run, 1, id)
		c.Zone = w.view.Node(id).Zone
		w.given(c)
		w.given(running(w.worker(run, 0)))
	}
	w.given(&command.LoseNode{Node: id}, node(id, w.view.Node(id).Zone))
}

// A server that does not know the new facts is spared them, and everything goes on without.
func TestJudge_SaysNothingToOldServers(t *testing.T) {
	w := newWorld(t)
	w.logVersion = 1
	w.given(submit("run", 0), place("run", 1, "n1"))
	w.then(exited(w.worker("run", 0), full), "WorkerEnded", "AttemptReturned")
}
