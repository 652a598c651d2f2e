package command_test

import (
	"slices"
	"testing"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/server/command"
)

func TestLoseNode_EndsItsWorkersButNotThoseThatGoOn(t *testing.T) {
	w := newWorld(t)
	w.runs("fenced", 0)
	w.runs("kept", 0, keep)
	w.then(&command.LoseNode{Node: "n1", Reason: "its lease ran out"}, "WorkerEnded", "AttemptEnded", "JobRunEnded",
		"NodeLost", "NodeFailed")
	w.wantRun("fenced", state.RunFailed, "node n1 in zone a: its lease ran out")
	w.wantRun("kept", state.RunRunning, "")
	w.then(&command.LoseNode{Node: "n1"})
	w.then(&command.LoseNode{Node: "none"})
	w.given(w.returns("n1"))
	w.wantRun("kept", state.RunRunning, "")
}

// returns registers a node with all that it should have.
func (w *world) returns(id string) *command.RegisterNode {
	c := node(id, w.view.Node(id).Zone)
	for worker := range w.view.LiveWorkersOfNode(id) {
		c.Inventory = append(c.Inventory,
			command.WorkerStatus{
				WorkerID: worker.ID,
				Epoch:    worker.Epoch,
				Running:  worker.State == state.WorkerRunning,
			})
	}
	return c
}

func TestForgetNode_OnlyOfALostNode(t *testing.T) {
	w := newWorld(t)
	w.runs("kept", 0, keep)
	w.refuses(&command.ForgetNode{IDOrName: "n1"}, errs.WrongState, "it is READY; stop its agent first")
	w.refuses(&command.ForgetNode{IDOrName: "none"}, errs.NotFound, `"none"`)
	w.given(&command.LoseNode{Node: "n1"})
	w.then(&command.ForgetNode{IDOrName: "n1"}, "WorkerEnded", "AttemptEnded", "JobRunEnded", "NodeForgotten")
}

func TestRegisterNode_BelievesItsInventory(t *testing.T) {
	w := newWorld(t)
	w.runs("run", 3) // the driver runs, its tasks are placed
	w.given(running(w.worker("run", 1)))
	c := node("n1", "a")
	c.Inventory = []command.WorkerStatus{
		{WorkerID: w.worker("run", 0).ID, Epoch: 1, Running: true},
		{WorkerID: w.worker("run", 2).ID, Epoch: 1, Running: true}, // started, not reported yet
		{WorkerID: w.worker("run", 3).ID, Epoch: 7, Running: true}, // of another epoch
		{WorkerID: "stranger", Epoch: 1, Running: true},
		{WorkerID: "dead stranger", Epoch: 1, Exit: &well},
	}
	w.then(c, "WorkerRunning", "WorkerEnded", "AttemptEnded", "JobRunEnded", "NodeFailed")
	if want := []string{w.worker("run", 3).ID, "stranger"}; !slices.Equal(c.Unknown, want) {
		t.Errorf("unknown are %v, not %v", c.Unknown, want)
	}
	w.wantRun("run", state.RunFailed, "its task 1 disappeared: its node came back without it")
	if !w.worker("run", 2).Live() || !w.worker("run", 3).Live() {
		t.Error("a worker that runs, or was not told yet, is ended")
	}
}

func TestRegisterNode_KeepsWhatWasPlacedAndNotTold(t *testing.T) {
	w := newWorld(t)
	w.given(submit("run", 1), place("run", 1, "n1", "n1"))
	w.then(node("n1", "a"))
	w.wantRun("run", state.RunScheduled, "")
}

func TestRegisterNode_OfTheSameOfferChangesNothing(t *testing.T) {
	w := newWorld(t)
	w.then(node("n1", "a"))
	changed := node("n1", "a")
	changed.Node.BootID = "another"
	w.then(changed, "NodeRegistered")
}

// What workers hold cannot be taken back; nothing new fits beside it.
func TestRegisterNode_NeverOffersLessThanIsHeld(t *testing.T) {
	w := newWorld(t)
	w.runs("run", 3)
	c := w.returns("n1")
	c.Node.Capacity = gib(2, 64, 200)
	w.then(c, "NodeRegistered")
	if got := w.view.Node("n1").Capacity; got != gib(4, 64, 200) {
		t.Errorf("the node offers %s", got)
	}
	w.given(submit("next", 0))
	w.refuses(place("next", 1, "n1"), errs.Refused, "0 vCPU")
}

// A name belongs to one ready node, however many lost ones had it.
func TestRegisterNode_RefusesANameThatAReadyNodeHas(t *testing.T) {
	w := newWorld(t)
	twin := func(id string) *command.RegisterNode {
		c := node(id, "a")
		c.Node.Name = "n1"
		return c
	}
	w.refuses(twin("n4"), errs.Conflict, `cannot register node "n1"`)
	w.given(&command.LoseNode{Node: "n1"}, twin("n4"))
	w.refuses(twin("n5"), errs.Conflict, `cannot register node "n1"`)
	w.refuses(node("n1", "a"), errs.Conflict, `cannot register node "n1"`)
}

// The workers of an attempt share a zone, so a node does not leave its zone while it has any.
func TestRegisterNode_MovesToAnotherZoneOnlyWithoutWorkers(t *testing.T) {
	w := newWorld(t)
	w.runs("run", 0)
	w.refuses(node("n1", "c"), errs.WrongState, `it has 1 workers in zone "a"`)
	w.given(exited(w.worker("run", 0), well))
	w.then(node("n1", "c"), "NodeRegistered")
}

func TestSetReleases_OnlyWhenTheyDiffer(t *testing.T) {
	w := newWorld(t)
	set := &command.SetReleases{Node: "n1", Releases: []string{"emr-7.2.0"}}
	w.then(set, "NodeRegistered")
	w.then(set)
	w.given(&command.LoseNode{Node: "n2"})
	w.then(&command.SetReleases{Node: "n2", Releases: []string{"emr-7.2.0"}})
	w.then(&command.SetReleases{Node: "none"})
}

// A start that a node refuses sends the attempt back to wait, until three nodes have refused it.
func TestRefusedStart_IsNoFailedAttempt(t *testing.T) {
	w := newWorld(t)
	w.given(node("n4", "a"), submit("run", 0))
	for i, n := range []string{"n1", "n2"} {
		w.given(place("run", 1, n))
		w.then(exited(w.worker("run", 0), full), "WorkerEnded", "AttemptReturned", "NodeFailed")
		if refused := w.view.Attempt("run", 1).Refused; len(refused) != i+1 || refused[i] != n {
			t.Errorf("%v refused", refused)
		}
	}
	w.given(place("run", 1, "n4"))
	w.then(exited(w.worker("run", 0), full), "WorkerEnded", "AttemptEnded", "JobRunEnded", "NodeFailed")
	w.wantRun("run", state.RunFailed,
		"3 nodes refused to start it: node n1: the disk is full; node n2: the disk is full; node n4: the disk is full")
}

func TestInitializeCluster_Once(t *testing.T) {
	w := newWorld(t)
	w.then(&command.InitializeCluster{Account: "000000000000", Region: "us-east-1"}, "ClusterInitialized")
	w.then(&command.InitializeCluster{Account: "111111111111", Region: "eu-west-1"})
}
