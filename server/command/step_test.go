package command_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/resource"
	"github.com/headrace/headrace/server/command"
)

// maxOver bounds what the last thing of a step adds beyond the step's size.
const maxOver = 64 << 10

// crowd has a node big in zone a with as many workers as a node may have, all running, of five runs.
func crowd(t *testing.T, change ...func(*command.StartJobRun)) *world {
	w := newWorld(t)
	w.limits.StepBytes = 64 << 10 // ids are short here
	big := node("big", "a")
	big.Node.Capacity = gib(5000, 10_000, 100_000)
	w.quickly(big)
	for i, tasks := range []uint32{999, 999, 999, 999, 95} { // and a driver each
		id := fmt.Sprintf("crowd-%d", i)
		w.quickly(submit(id, tasks, change...))
		c := place(id, 1, "big")
		c.Shares = []command.Share{{Node: "big", Count: tasks}}
		w.quickly(c)
	}
	for worker := range w.view.LiveWorkersOfNode("big") {
		w.quickly(running(worker))
	}
	if n := w.view.SlotsOfNode("big"); n != resource.MaxSlots {
		t.Fatalf("the crowd has %d workers", n)
	}
	return w
}

// inSteps decides until nothing more is left, and holds that every step fits, and that all invariants hold after each.
func (w *world) inSteps(d decision, more func() bool) (steps int) {
	w.t.Helper()
	for steps == 0 || more() {
		if size := w.quickly(d); size > w.limits.StepBytes+maxOver {
			w.t.Fatalf("step %d has %d bytes", steps+1, size)
		}
		if err := w.view.Check(); err != nil {
			w.t.Fatalf("after step %d: %v", steps+1, err)
		}
		if steps++; steps > 100 {
			w.t.Fatal("the steps have no end")
		}
	}
	return steps
}

func TestLoseNode_WithManyWorkersTakesStepsThatFit(t *testing.T) {
	w := crowd(t)
	lose := &command.LoseNode{Node: "big", Reason: strings.Repeat("its lease ran out ", 30)}
	w.quickly(lose)
	if state := w.view.Node("big").State.String(); !lose.More || state != "LOSING" {
		t.Fatalf("after the first step it is %s, more %t", state, lose.More)
	}
	w.given(submit("waits", 0))
	w.refuses(place("waits", 1, "big"), errs.Refused, "it is not ready")
	again := &command.LoseNode{Node: "big"} // as another leader does, who knows no reason
	if steps := w.inSteps(again, func() bool { return again.More }); steps < 2 {
		t.Errorf("%d steps", steps)
	}
	if row := w.view.Node("big"); row.State != state.NodeLost || !strings.HasPrefix(row.StateDetails, "its lease") ||
		w.view.SlotsOfNode("big") != 0 {
		t.Errorf("the node is %s with %d slots", row.State, w.view.SlotsOfNode("big"))
	}
}

// A worker whose end cannot be decided is spared, and holds up no other; the node then is LOSING until that is mended.
func TestLoseNode_SparesWhatCannotBeDecided(t *testing.T) {
	w := newWorld(t)
	w.runs("healthy", 1)
	w.runs("broken", 0)
	sick := w.worker("broken", 0).ID
	lose := &command.LoseNode{Node: "n1", Reason: "gone", Sparing: map[string]bool{sick: true}}
	w.given(lose)
	if lose.More || w.view.Node("n1").State != state.NodeLosing || !w.worker("broken", 0).Live() {
		t.Errorf("more %t, the node is %s", lose.More, w.view.Node("n1").State)
	}
	w.wantRun("healthy", state.RunFailed, "gone")
	w.then(&command.LoseNode{Node: "n1"}, "WorkerEnded", "AttemptEnded", "JobRunEnded", "NodeLost", "NodeFailed")
}

func TestForgetNode_WithManyWorkersTakesStepsThatFit(t *testing.T) {
	w := crowd(t, keep)
	w.quickly(&command.LoseNode{Node: "big", Reason: "gone"})
	forget := &command.ForgetNode{IDOrName: "big"}
	if steps := w.inSteps(forget, func() bool { return forget.More }); steps < 2 || w.view.Node("big") != nil {
		t.Errorf("after %d steps the node is %+v", steps, w.view.Node("big"))
	}
}

func TestRegisterNode_WithoutTheWorkersThatItHadTakesStepsThatFit(t *testing.T) {
	w := crowd(t)
	c := node("big", "a")
	c.Node.Capacity = w.view.Node("big").Capacity
	if steps := w.inSteps(c, func() bool { return c.More }); steps < 2 || w.view.SlotsOfNode("big") != 0 {
		t.Errorf("after %d steps it has %d slots", steps, w.view.SlotsOfNode("big"))
	}
}

func TestTakeInventory_BelievesPartsInTheirOrder(t *testing.T) {
	w := newWorld(t)
	w.runs("run", 2)
	w.given(running(w.worker("run", 1)), running(w.worker("run", 2)))
	offer := node("n1", "a")
	offer.OfferOnly = true
	w.then(offer)
	has := map[string]bool{}
	for i, number := range []uint32{0, 1} {
		statuses := running(w.worker("run", number)).Statuses
		statuses = append(statuses, command.WorkerStatus{WorkerID: fmt.Sprint("stranger-", i), Epoch: 1, Running: true})
		for id := range command.Named(statuses) {
			has[id] = true
		}
		part := &command.TakeInventory{Node: "n1", Statuses: statuses, Has: has, Last: i == 1}
		kinds := map[bool][]string{
			true: {"WorkerEnded", "AttemptEnded", "JobRunEnded", "NodeFailed"}, // task 2 is missing
		}[part.Last]
		w.then(part, kinds...)
		if part.More || !slices.Equal(part.Unknown, []string{fmt.Sprint("stranger-", i)}) {
			t.Errorf("part %d: more %t, unknown %v", i, part.More, part.Unknown)
		}
	}
	w.wantRun("run", state.RunFailed, "its task 2 disappeared")
}

// TestReportWorkers_LongLastWordsTakeSeveralSteps has many drivers refused by a third node: each ends with three long
// reasons in two facts.
func TestReportWorkers_LongLastWordsTakeSeveralSteps(t *testing.T) {
	w := newWorld(t)
	for _, id := range []string{"b1", "b2", "b3"} {
		big := node(id, "a")
		big.Node.Capacity = gib(1000, 2000, 20_000)
		w.quickly(big)
	}
	const runs = 128
	for i := range runs {
		w.quickly(submit(fmt.Sprintf("run-%d", i), 0))
	}
	words := state.Exit{Reason: state.ExitStartRefused, Message: strings.Repeat("x", 4<<10)}
	steps := 0
	for _, on := range []string{"b1", "b2", "b3"} {
		var statuses []command.WorkerStatus
		for i := range runs {
			id := fmt.Sprintf("run-%d", i)
			w.quickly(place(id, 1, on))
			worker := w.worker(id, 0)
			statuses = append(statuses, command.WorkerStatus{WorkerID: worker.ID, Epoch: worker.Epoch, Exit: &words})
		}
		report := &command.ReportWorkers{Node: on, Statuses: statuses}
		steps = w.inSteps(report, func() bool {
			report.Statuses = report.Statuses[report.Taken:]
			return len(report.Statuses) > 0
		})
	}
	if run := w.view.JobRun("run-7"); steps < 4 || run.State != state.RunFailed || len(run.Failure.Message) > 5<<10 {
		t.Errorf("after %d steps a run is %s with %d bytes of reasons", steps, run.State, len(run.Failure.Message))
	}
}

func TestReportSlots_LongReasonsTakeSeveralSteps(t *testing.T) {
	w := newWorld(t)
	big := node("big", "a")
	big.Node.Capacity = gib(2000, 8000, 40_000)
	w.quickly(big)
	w.pooled(0, 400)
	w.given(&command.StartApplication{ApplicationID: "pooled"})
	w.quickly(reserve(state.TypeTask, command.Share{Node: "big", Count: 400}))
	report := &command.ReportSlots{Node: "big"}
	for _, slot := range w.slots(state.TypeTask) {
		report.Statuses = append(report.Statuses,
			command.SlotStatus{SlotID: slot.ID, Error: strings.Repeat("x", 4<<10)})
	}
	steps := w.inSteps(report, func() bool {
		report.Statuses = report.Statuses[report.Taken:]
		return len(report.Statuses) > 0
	})
	if left := len(w.slots(state.TypeTask)); steps < 4 || left != 0 {
		t.Errorf("after %d steps there are %d slots", steps, left)
	}
}

func TestStopApplication_WithManySlotsTakesStepsThatFit(t *testing.T) {
	w := newWorld(t)
	w.limits.StepBytes = 64 << 10 // ids are short here
	w.pooled(0, 12_000)
	w.given(&command.StartApplication{ApplicationID: "pooled"})
	for i := range 3 {
		big := node(fmt.Sprintf("big-%d", i), "a")
		big.Node.Capacity = gib(20_000, 80_000, 400_000)
		w.quickly(big)
		w.quickly(reserve(state.TypeTask, command.Share{Node: big.Node.ID, Count: 4000}))
	}
	stop := &command.StopApplication{ApplicationID: "pooled"}
	w.quickly(stop)
	if row := w.view.Application("pooled"); !stop.More || row.State != state.ApplicationStopping ||
		!command.Unreleased(w.view, row) {
		t.Fatalf("after the first step it is %s, more %t", row.State, stop.More)
	}
	finish := &command.FinishStop{ApplicationID: "pooled"} // whoever stopped it is gone
	w.inSteps(finish, func() bool { return command.Unreleased(w.view, w.view.Application("pooled")) })
	if got := w.view.Application("pooled").State; got != state.ApplicationStopped {
		t.Errorf("it is %s", got)
	}
}

func TestPlace_RefusesMoreSlotsThanANodeMayHold(t *testing.T) {
	w := crowd(t)
	w.given(submit("one", 0))
	w.refuses(place("one", 1, "big"), errs.Refused,
		"on node big: needs 1 slots, and 0 of the 4096 that a node may hold are free")
	w.pooled(0, 1)
	w.given(&command.StartApplication{ApplicationID: "pooled"})
	w.refuses(reserve(state.TypeTask, command.Share{Node: "big", Count: 1}), errs.Refused,
		"on node big: needs 1 slots, and 0 of the 4096")
}

func TestCreateApplication_RefusesSettingsThatRunsCouldNotInherit(t *testing.T) {
	w := newWorld(t)
	large := map[string]string{}
	for i := range 100 {
		large[fmt.Sprint("spark.a", i)] = strings.Repeat("x", 4<<10)
	}
	c := create("large", engine(state.EngineSpark, "emr-7.2.0"), inheriting(site("spark-defaults", large)))
	w.refuses(c, errs.Invalid, "spec.runtime_configuration: cannot take an application of")
	w.refuses(c, errs.Invalid, "the most is 262144")
}

func TestAddRelease_RefusesMoreThanThereMayBe(t *testing.T) {
	w := newWorld(t)
	w.limits.Releases = 2
	add := func(label, digest string) *command.AddRelease {
		return &command.AddRelease{Release: state.Release{
			Label:  label,
			Engine: state.EngineSpark,
			Digest: []byte(digest),
		}}
	}
	w.given(add("one", "a"), add("two", "a"))
	w.refuses(add("three", "a"), errs.TooLarge, "cannot add release three: there are 2, and the most is 2")
	again := add("two", "b")
	again.Replace = true
	w.then(again, "ReleaseAdded")
}
