package command_test

import (
	"testing"
	"time"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/resource"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
	"github.com/headrace/headrace/server/command"
)

var inPooled = in("pooled")

var slotSize = state.Size{Vector: gib(2, 4, 20), Disk: resource.DiskStandard}

// pooled creates the application pooled, which holds so many drivers and tasks of 2 vCPU ready.
func (w *world) pooled(drivers, tasks uint32, changes ...func(*specv1.Application)) {
	w.t.Helper()
	pool := []func(*specv1.Application){auto, holding("Driver", drivers, slotSize), holding("Task", tasks, slotSize)}
	w.given(create("pooled", append(pool, changes...)...))
}

// withPool brings pooled to STARTED with its slots on n1.
func (w *world) withPool(drivers, tasks uint32) {
	w.t.Helper()
	w.pooled(drivers, tasks)
	w.given(&command.StartApplication{ApplicationID: "pooled"})
	w.fill("n1", drivers, tasks)
}

// fill reserves slots on a node and makes them ready.
func (w *world) fill(node string, drivers, tasks uint32) {
	w.t.Helper()
	if drivers > 0 {
		w.given(reserve(state.TypeDriver, command.Share{Node: node, Count: drivers}))
	}
	if tasks > 0 {
		w.given(reserve(state.TypeTask, command.Share{Node: node, Count: tasks}))
	}
	for _, slot := range append(w.slots(state.TypeDriver), w.slots(state.TypeTask)...) {
		w.given(prepared(slot))
	}
}

func reserve(t state.WorkerType, shares ...command.Share) *command.ReserveSlots {
	return &command.ReserveSlots{ApplicationID: "pooled", Type: t, Shares: shares}
}

func prepared(slot *state.Slot) *command.ReportSlots {
	return &command.ReportSlots{Node: slot.Node, Statuses: []command.SlotStatus{{SlotID: slot.ID, Ready: true}}}
}

// slots returns the slots of pooled of a type.
func (w *world) slots(t state.WorkerType) (slots []*state.Slot) {
	for slot := range w.view.PoolOfApplication("pooled") {
		if slot.Type == t {
			slots = append(slots, slot)
		}
	}
	return slots
}

func (w *world) wantApplication(id string, s state.ApplicationState) {
	w.t.Helper()
	if got := w.view.Application(id).State; got != s {
		w.t.Errorf("application %s is %s, not %s", id, got, s)
	}
}

func TestApplication_IsStartedWhenAllOfItsSlotsAreReady(t *testing.T) {
	w := newWorld(t)
	w.pooled(1, 2)
	w.given(submit("run", 0, inPooled))
	w.wantRun("run", state.RunSubmitted, "")
	w.then(reserve(state.TypeDriver, command.Share{Node: "n1", Count: 1}), "SlotsReserved")
	w.then(reserve(state.TypeTask, command.Share{Node: "n1", Count: 1}, command.Share{Node: "n3", Count: 1}),
		"SlotsReserved", "SlotsReserved")
	w.then(prepared(w.slots(state.TypeDriver)[0]), "SlotsReady")
	w.then(prepared(w.slots(state.TypeDriver)[0]))
	w.then(prepared(w.slots(state.TypeTask)[0]), "SlotsReady")
	said := command.Unstarted(w.view, "pooled")
	if said != "it is STARTING, pre-initialised workers ready: 1 of 2 TASK" {
		t.Errorf("it says %q", said)
	}
	w.given(&command.LoseNode{Node: "n1", Reason: "gone"}) // while it starts
	w.wantApplication("pooled", state.ApplicationStarting)
	w.given(reserve(state.TypeDriver, command.Share{Node: "n2", Count: 1}),
		reserve(state.TypeTask, command.Share{Node: "n2", Count: 1}))
	w.given(prepared(w.slots(state.TypeDriver)[0]), prepared(w.slots(state.TypeTask)[0]))
	w.then(prepared(w.slots(state.TypeTask)[1]), "SlotsReady", "ApplicationStateChanged", "JobRunAdmitted")
}

func TestReserveSlots_RefusesWhatNoLongerHolds(t *testing.T) {
	w := newWorld(t)
	w.pooled(1, 3, limited(8, 0, 0))
	w.refuses(reserve(state.TypeDriver, command.Share{Node: "n1", Count: 1}), errs.Refused, "it does not start")
	w.given(&command.StartApplication{ApplicationID: "pooled"})
	for said, proposal := range map[string]*command.ReserveSlots{
		"it does not start": {ApplicationID: "none"},
		"it has 0 of 1":     reserve(state.TypeDriver, command.Share{Node: "n1", Count: 2}),
		"it has 0 of 0":     reserve(state.TypeExecutor, command.Share{Node: "n1", Count: 1}),
		"on node n9":        reserve(state.TypeTask, command.Share{Node: "n9", Count: 1}),
		"is named twice": reserve(
			state.TypeTask, command.Share{Node: "n1", Count: 1}, command.Share{Node: "n1", Count: 1},
		),
	} {
		w.refuses(proposal, errs.Refused, said)
	}
	w.runs("big", 6)
	w.refuses(reserve(state.TypeTask, command.Share{Node: "n1", Count: 1}), errs.Refused,
		"on node n1: needs 2 vCPU, 4 GB, 20 GB disk, 1 vCPU")
	w.limits.AccountCPU = 8000
	w.refuses(reserve(state.TypeTask, command.Share{Node: "n2", Count: 1}), errs.Refused,
		"the account may use 8 vCPU, and 2 more would make 9")
}

// What a node reports may be late, repeated, of others or contradict itself; it is never a reason to stop.
func TestReportSlots_BelievesOnlyWhatIsNews(t *testing.T) {
	w := newWorld(t)
	w.pooled(1, 2)
	w.given(&command.StartApplication{ApplicationID: "pooled"},
		reserve(state.TypeTask, command.Share{Node: "n1", Count: 2}))
	w.runs("run", 0)
	a := w.slots(state.TypeTask)[0].ID
	b := w.slots(state.TypeTask)[1].ID
	from := func(node string, statuses ...command.SlotStatus) *command.ReportSlots {
		return &command.ReportSlots{Node: node, Statuses: statuses}
	}
	w.then(from("n2", command.SlotStatus{SlotID: a, Ready: true}))
	w.then(from("n1", command.SlotStatus{SlotID: "none", Ready: true}, command.SlotStatus{SlotID: "none", Error: "x"},
		command.SlotStatus{SlotID: a}))
	w.then(from("n1", command.SlotStatus{SlotID: w.worker("run", 0).ID, Ready: true}))
	w.then(
		from("n1", command.SlotStatus{SlotID: a, Ready: true}, command.SlotStatus{SlotID: a, Error: "no"},
			command.SlotStatus{SlotID: a, Error: "the disk is full"}),
		"SlotsReleased", "NodeFailed")
	w.then(
		from("n1", command.SlotStatus{SlotID: b, Error: "no"}, command.SlotStatus{SlotID: b, Ready: true},
			command.SlotStatus{SlotID: b, Ready: true}),
		"SlotsReady")
	w.then(from("n1", command.SlotStatus{SlotID: a, Ready: true}))
	if got := w.view.PoolCounts("pooled")[state.TypeTask]; got != (state.PoolCount{Held: 1, Ready: 1}) {
		t.Errorf("the pool is %+v", got)
	}
}

func TestPlace_GivesSlotsAndTheyAreFreeAgain(t *testing.T) {
	w := newWorld(t)
	w.withPool(1, 2)
	w.given(submit("run", 3, inPooled))
	driver := w.slots(state.TypeDriver)[0].ID
	tasks := w.slots(state.TypeTask)
	w.then(&command.Place{
		JobRunID:   "run",
		Attempt:    1,
		Zone:       "a",
		Driver:     "n1",
		DriverSlot: driver,
		Slots:      []string{tasks[0].ID, tasks[1].ID},
		Shares:     []command.Share{{Node: "n2", Count: 1}},
	}, "AttemptScheduled", "WorkersAssigned", "WorkersAssigned", "WorkersPlaced")
	if first, last := w.worker(
		"run", 1,
	), w.worker("run", 3); first.Slot != tasks[0].ID || first.Size != slotSize || last.Slot != "" || last.Node != "n2" {
		t.Errorf("task 1 is %+v, task 3 %+v", first, last)
	}
	w.given(running(w.worker("run", 0)), exited(w.worker("run", 0), well))
	w.given(exited(w.worker("run", 1), stopped), exited(w.worker("run", 2), stopped),
		exited(w.worker("run", 3), stopped))
	counts := w.view.PoolCounts("pooled")
	used := w.view.UsedOfApplication("pooled")
	if counts[state.TypeTask] != (state.PoolCount{Held: 2, Ready: 2}) || used != gib(6, 12, 60) {
		t.Errorf("the pool is %v and holds %s", counts, used)
	}
}

func TestPlace_RefusesSlotsThatDoNotServe(t *testing.T) {
	w := newWorld(t)
	w.withPool(1, 1)
	w.given(create("other", auto))
	w.given(submit("run", 1, inPooled), submit("foreign", 1, in("other")),
		submit("large", 1, inPooled, taskSize(4, 2, 20)))
	driver := w.slots(state.TypeDriver)[0].ID
	task := w.slots(state.TypeTask)[0].ID
	onto := func(run, node, driverSlot string, slots ...string) *command.Place {
		return &command.Place{JobRunID: run, Attempt: 1, Zone: "a", Driver: node, DriverSlot: driverSlot, Slots: slots}
	}
	for _, c := range []struct {
		proposal *command.Place
		said     string
	}{
		{onto("foreign", "n1", "", task), "is not free for a TASK"},
		{onto("run", "n1", driver, driver), "is not free for a TASK"},
		{onto("run", "n1", task, task), "is not free for a DRIVER"},
		{onto("large", "n1", driver, task), "is not free for a TASK of 4 vCPU"},
		{onto("run", "n2", driver, task), "is on node n1, not n2"},
		{onto("run", "n1", driver, "none"), "slot none is not free"},
		{&command.Place{
			JobRunID:   "run",
			Attempt:    1,
			Zone:       "b",
			Driver:     "n1",
			DriverSlot: driver,
			Slots:      []string{task},
		}, `it is not ready in zone "b"`},
	} {
		w.refuses(c.proposal, errs.Refused, c.said)
	}
	w.given(onto("run", "n1", driver, task))
	w.refuses(onto("large", "n1", driver, task), errs.Refused, "is not free for a DRIVER")
	// A node that refused the attempt is not asked again, and its slot stays.
	w.given(exited(w.worker("run", 1), full), exited(w.worker("run", 0), stopped))
	w.refuses(onto("run", "n1", driver, task), errs.Refused, "refused to start its attempt 1")
}

// A slot of a standard disk does not serve workers that shuffle, however large it is.
func TestPlace_RefusesSlotsOfAnotherDisk(t *testing.T) {
	w := newWorld(t)
	large := state.Size{Vector: gib(4, 16, 100), Disk: resource.DiskStandard}
	w.given(create("pooled", auto, engine(state.EngineSpark, "emr-7.2.0"), holding("Executor", 1, large)))
	w.given(&command.StartApplication{ApplicationID: "pooled"})
	w.given(reserve(state.TypeExecutor, command.Share{Node: "n1", Count: 1}))
	slot := w.slots(state.TypeExecutor)[0]
	w.given(prepared(slot))
	const ordinary = smallWorkers + "--conf spark.executor.instances=1 "
	const shuffles = ordinary + "--conf spark.headrace.executor.disk.type=shuffle_optimized"
	w.given(submit("ordinary", 0, inPooled, program(sparkDriver(ordinary))))
	w.given(submit("shuffles", 0, inPooled, program(sparkDriver(shuffles))))
	onto := func(run string) *command.Place {
		return &command.Place{JobRunID: run, Attempt: 1, Zone: "a", Driver: "n1", Slots: []string{slot.ID}}
	}
	w.refuses(onto("shuffles"), errs.Refused, "is not free for a EXECUTOR of 1 vCPU")
	w.then(onto("ordinary"), "AttemptScheduled", "WorkersPlaced", "WorkersAssigned")
}

func TestStopApplication_ReleasesSlotsAndThoseOfWorkersAsTheyEnd(t *testing.T) {
	w := newWorld(t)
	w.withPool(1, 1)
	w.given(submit("run", 0, inPooled))
	w.given(&command.Place{
		JobRunID:   "run",
		Attempt:    1,
		Zone:       "a",
		Driver:     "n1",
		DriverSlot: w.slots(state.TypeDriver)[0].ID,
	})
	w.given(running(w.worker("run", 0)))
	w.then(&command.StopApplication{ApplicationID: "pooled", Force: true}, "SlotsReleased", "ApplicationStateChanged",
		"JobRunCancelRequested", "AttemptEnded")
	w.given(&command.StartApplication{ApplicationID: "pooled"}) // remembered
	w.then(exited(w.worker("run", 0), stopped), "WorkerEnded", "JobRunEnded", "ApplicationStateChanged",
		"ApplicationStateChanged")
	w.wantApplication("pooled", state.ApplicationStarting)
	if !w.view.UsedOfApplication("pooled").IsZero() {
		t.Error("a slot is left over from before it stopped")
	}
	w.fill("n2", 1, 1)
	w.wantApplication("pooled", state.ApplicationStarted)
	w.then(&command.StopApplication{ApplicationID: "pooled"}, "SlotsReleased", "ApplicationStateChanged",
		"ApplicationStateChanged")
}

func TestStopApplication_WhileItStarts(t *testing.T) {
	w := newWorld(t)
	w.pooled(1, 0)
	w.given(submit("run", 0, inPooled), reserve(state.TypeDriver, command.Share{Node: "n1", Count: 1}))
	slot := w.slots(state.TypeDriver)[0]
	w.refuses(&command.StopApplication{ApplicationID: "pooled"}, errs.WrongState, "1 unfinished")
	w.given(&command.StopApplication{ApplicationID: "pooled", Force: true})
	w.wantApplication("pooled", state.ApplicationStopped)
	w.wantRun("run", state.RunCancelled, "with force")
	w.then(prepared(slot)) // late
}

func TestLoseNode_TakesItsSlotsButNotThoseThatGoOn(t *testing.T) {
	w := newWorld(t)
	w.withPool(3, 0)
	w.given(submit("fenced", 0, inPooled), submit("kept", 0, inPooled, keep))
	for i, run := range []string{"fenced", "kept"} {
		w.given(&command.Place{
			JobRunID:   run,
			Attempt:    1,
			Zone:       "a",
			Driver:     "n1",
			DriverSlot: w.slots(state.TypeDriver)[i].ID,
		})
		w.given(running(w.worker(run, 0)))
	}
	w.then(&command.LoseNode{Node: "n1", Reason: "its lease ran out"}, "WorkerEnded", "AttemptEnded", "JobRunEnded",
		"SlotsReleased", "NodeLost", "NodeFailed")
	w.refuses(reserve(state.TypeDriver, command.Share{Node: "n2", Count: 3}), errs.Refused, "it has 1 of 3")
	w.then(reserve(state.TypeDriver, command.Share{Node: "n2", Count: 2}), "SlotsReserved")
	w.wantApplication("pooled", state.ApplicationStarted)
	w.then(&command.ForgetNode{IDOrName: "n1"}, "WorkerEnded", "AttemptEnded", "JobRunEnded", "NodeForgotten")
	w.then(reserve(state.TypeDriver, command.Share{Node: "n2", Count: 1}), "SlotsReserved")
}

// A worker that goes on without a lease keeps its slot, which is an ordinary one again when the node is back.
func TestRegisterNode_BringsASlotBack(t *testing.T) {
	w := newWorld(t)
	w.withPool(1, 0)
	w.given(submit("kept", 0, inPooled, keep))
	w.given(&command.Place{
		JobRunID:   "kept",
		Attempt:    1,
		Zone:       "a",
		Driver:     "n1",
		DriverSlot: w.slots(state.TypeDriver)[0].ID,
	})
	w.given(running(w.worker("kept", 0)))
	w.given(&command.LoseNode{Node: "n1"}, w.returns("n1"), exited(w.worker("kept", 0), well))
	if got := w.view.PoolCounts("pooled")[state.TypeDriver]; got != (state.PoolCount{Held: 1, Ready: 1}) {
		t.Errorf("the pool is %+v", got)
	}
}

func TestStartApplication_IsBoundByTheQuotaUnlessItIsStarted(t *testing.T) {
	w := newWorld(t)
	w.pooled(2, 0)
	start := &command.StartApplication{ApplicationID: "pooled"}
	w.limits.AccountCPU = 3000
	w.refuses(start, errs.TooLarge,
		"the pre-initialised workers of application pooled need 4 vCPU, and the account's quota is 3 vCPU")
	w.refuses(submit("run", 0, inPooled), errs.TooLarge,
		"driver and 0 workers of application pooled need 4 vCPU, and the account's quota is 3 vCPU")
	w.limits.AccountCPU = 4000
	w.given(start)
	w.limits.AccountCPU = 3000
	w.then(start)
}

func TestIdleApplication_WithSlots(t *testing.T) {
	w := newWorld(t)
	w.pooled(1, 0, idle(1))
	w.given(&command.StartApplication{ApplicationID: "pooled"})
	w.now = w.now.Add(time.Hour) // the time of starting is not idle
	w.fill("n1", 1, 0)
	w.then(&command.StopIdleApplication{ApplicationID: "pooled"})
	w.now = w.now.Add(time.Minute + time.Second)
	w.then(&command.StopIdleApplication{ApplicationID: "pooled"}, "SlotsReleased", "ApplicationStateChanged",
		"ApplicationStateChanged")
}

// A node that comes back smaller gives up slots that nobody uses, until what it holds fits; the application reserves
// others.
func TestRegisterNode_SmallerThanItsSlotsGivesUpFreeOnes(t *testing.T) {
	w := newWorld(t)
	w.withPool(1, 2) // 6 vCPU, and 1 of the run
	w.runs("run", 0, inPooled)
	smaller := node("n1", "a")
	smaller.Node.Capacity.MilliCPU = 3000
	for worker := range w.view.LiveWorkersOfNode("n1") {
		smaller.Inventory = append(smaller.Inventory,
			command.WorkerStatus{WorkerID: worker.ID, Epoch: worker.Epoch, Running: true})
	}
	w.given(smaller)
	counts := w.view.PoolCounts("pooled")
	if held := counts[state.TypeDriver].Held + counts[state.TypeTask].Held; held != 1 ||
		w.view.Node("n1").Capacity.MilliCPU != 3000 {
		t.Errorf("it holds %d slots and offers %s", held, w.view.Node("n1").Capacity)
	}
}
