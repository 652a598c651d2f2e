package dispatch

import (
	"slices"
	"testing"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/resource"
	"github.com/headrace/headrace/internal/spec"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
	eventv1 "github.com/headrace/headrace/proto/headrace/event/v1"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
	"github.com/headrace/headrace/server/command"
	"github.com/headrace/headrace/server/demand"
)

var slotSize = state.Size{
	Vector: resource.Vector{
		MilliCPU:  4000,
		MemoryMiB: 8192,
		DiskMiB:   20480,
	},
	Disk: resource.DiskStandard,
}

// slots is a node with two slots of a Spark application, whose archive is in the cache.
func slots() *state.View {
	tx := state.New().Begin()
	tx.PutNode(state.Node{ID: "n1", Name: "n1", Zone: "a", State: state.NodeReady})
	tx.PutRelease(state.Release{Label: "emr-7.2.0", Digest: []byte("digest")})
	for id, release := range map[string]string{"app": "emr-7.2.0", "other": spec.ProcessRelease} {
		terms := state.Terms{Release: release}
		tx.PutApplication(state.Application{ID: id, Terms: terms, State: state.ApplicationStarting})
	}
	for _, id := range []string{"s1", "s2"} {
		tx.PutSlot(state.Slot{ID: id, Application: "app", Node: "n1", Size: slotSize, Type: state.TypeExecutor})
	}
	return tx.Commit()
}

func slotIDs(assigned []*agentv1.AssignedSlot) (ids []string) {
	for _, a := range assigned {
		ids = append(ids, a.GetSlotId())
	}
	return ids
}

// next returns the one part of what n1 is told; nil: nothing.
func next(t *testing.T, told *assignments, d *Dispatch, view *state.View) (*agentv1.Assignment, error) {
	t.Helper()
	parts, _, err := tellAll(told, d, view)
	if len(parts) > 1 {
		t.Fatalf("%d parts", len(parts))
	}
	if len(parts) == 0 {
		return nil, err
	}
	return parts[0], err
}

// tellAll returns all parts of what n1 is told.
func tellAll(
	told *assignments,
	d *Dispatch,
	view *state.View,
) (parts []*agentv1.Assignment, broken []untold, err error) {
	broken, err = told.tell(d, view, "n1", 1, func(part *agentv1.Assignment) error {
		parts = append(parts, part)
		return nil
	})
	return parts, broken, err
}

// assign returns what a worker is told, and what it runs.
func assign(d *Dispatch, view *state.View, worker *state.Worker) (*agentv1.AssignedWorker, *agentv1.Program, error) {
	t := &telling{dispatch: d, view: view, programs: programs{}}
	to, p, err := t.assigned(worker)
	if p == nil {
		return to, nil, err
	}
	return to, p.message, err
}

func TestAssignments_TellSlotsFirstAllThenChanges(t *testing.T) {
	d := New(Config{Demands: demand.NewStore()})
	view := slots()
	var told assignments
	first, err := next(t, &told, d, view)
	if err != nil || !first.GetComplete() || !slices.Equal(slotIDs(first.GetSlots()), []string{"s1", "s2"}) {
		t.Fatalf("the first assignment is %v, %v", first, err)
	}
	if s := first.GetSlots()[0]; s.GetApplicationId() != "app" || s.GetType() != "EXECUTOR" ||
		s.GetReleaseLabel() != "emr-7.2.0" ||
		string(s.GetReleaseDigest()) != "digest" {
		t.Errorf("a slot is told as %v", s)
	}
	if again, err := next(t, &told, d, view); again != nil || err != nil {
		t.Errorf("without a change it is told %v, %v", again, err)
	}
	tx := view.Begin()
	tx.RemoveSlot("s1")
	tx.PutSlot(state.Slot{
		ID:          "s2",
		Application: "app",
		Node:        "n1",
		Size:        slotSize,
		Type:        state.TypeExecutor,
		Ready:       true,
	}) // no news for the node
	tx.PutSlot(state.Slot{ID: "s3", Application: "other", Node: "n1", Size: slotSize, Type: state.TypeDriver})
	change, err := next(t, &told, d, tx.Commit())
	if err != nil || change.GetComplete() || !slices.Equal(slotIDs(change.GetSlots()), []string{"s3"}) ||
		!slices.Equal(change.GetForgetSlots(), []string{"s1"}) {
		t.Errorf("the change is told as %v, %v", change, err)
	}
}

// An executor in a slot that is larger than it asked for holds all of it; heap and cores are what its settings say.
func TestAssigned_HoldsItsWholeSlot(t *testing.T) {
	tx := slots().Begin()
	said := sparkRun("--conf spark.executor.cores=2 --conf spark.executor.memory=3g")
	said.RetryPolicy = attempts(2)
	putSpark(t, tx, running("r", "app", "emr-7.2.0", said), nil)
	tx.PutAttempt(state.Attempt{Run: "r", Number: 1, State: state.AttemptRunning, Zone: "a"})
	worker := &state.Worker{
		ID:          "w",
		Run:         "r",
		Application: "app",
		Attempt:     1,
		Type:        state.TypeExecutor,
		Number:      1,
		Epoch:       1,
		Node:        "n1",
		Slot:        "s1",
		Size:        slotSize,
		State:       state.WorkerPlaced,
	}
	tx.PutWorker(*worker)
	demands := demand.NewStore()
	demands.Set(&agentv1.Demand{
		JobRunId: "r",
		Attempt:  1,
		Target:   1,
		Launch:   &agentv1.ExecutorLaunch{DriverUrl: "spark://x"},
	})
	to, program, err := assign(New(Config{Demands: demands}), tx.Commit(), worker)
	if err != nil {
		t.Fatal(err)
	}
	if to.GetSlotId() != "s1" || to.GetMilliCpu() != 4000 || to.GetMemoryMib() != 8192 || !to.GetAttemptsApart() {
		t.Errorf("it is told %v", to)
	}
	if e := program.GetSparkExecutor(); e.GetCores() != 2 || e.GetHeapMib() != 3072 {
		t.Errorf("it offers %d cores and %d MiB of heap", e.GetCores(), e.GetHeapMib())
	}
}

func TestAttemptsApart_WhenThereMayBeMoreThanOne(t *testing.T) {
	const batch, streaming = specv1.JobRunMode_JOB_RUN_MODE_BATCH, specv1.JobRunMode_JOB_RUN_MODE_STREAMING
	for _, c := range []struct {
		mode     specv1.JobRunMode
		attempts uint32
		want     bool
	}{{batch, 1, false}, {batch, 10, true}, {streaming, 1, true}} {
		tx := slots().Begin()
		said := processRun(specv1.Process_builder{Command: []string{"x"}})
		said.Mode = &c.mode
		said.RetryPolicy = attempts(c.attempts)
		tx.PutJobRun(running("r", "other", spec.ProcessRelease, said))
		tx.PutAttempt(state.Attempt{Run: "r", Number: 1, State: state.AttemptRunning})
		to, _, err := assign(New(Config{Demands: demand.NewStore()}), tx.Commit(), &state.Worker{
			ID:      "w",
			Run:     "r",
			Attempt: 1,
			Type:    state.TypeDriver,
			Node:    "n1",
		})
		if err != nil || to.GetAttemptsApart() != c.want || to.GetSlotId() != "" {
			t.Errorf("%+v: %v, %v", c, to, err)
		}
	}
}

func TestTouched_SlotsTouchTheirNodes(t *testing.T) {
	view := slots()
	for _, c := range []struct {
		event *eventv1.Event
		want  []string
	}{
		{&eventv1.Event{Fact: &eventv1.Event_SlotsReserved{SlotsReserved: &eventv1.SlotsReserved{
			NodeId:  "n2",
			SlotIds: []string{"s3"},
		}}}, []string{"n2"}},
		{&eventv1.Event{Fact: &eventv1.Event_SlotsReleased{SlotsReleased: &eventv1.SlotsReleased{
			NodeId:  "n1",
			SlotIds: []string{"s1"},
		}}}, []string{"n1"}},
		{
			&eventv1.Event{Fact: &eventv1.Event_WorkersAssigned{
				WorkersAssigned: &eventv1.WorkersAssigned{NodeId: "n1"},
			}},
			[]string{"n1"},
		},
	} {
		var marked []string
		touched(view, c.event, func(node string) { marked = append(marked, node) })
		if !slices.Equal(marked, c.want) {
			t.Errorf("%v touches %v, not %v", c.event, marked, c.want)
		}
	}
}

// putSpark puts a Spark run with its launch, as it is decided at its submission.
func putSpark(t *testing.T, tx *state.Tx, run state.JobRun, inherited *eventv1.Settings) {
	t.Helper()
	settings, err := command.SparkSettings(run.Release, inherited, run.Spec)
	if err != nil {
		t.Fatal(err)
	}
	launch := &eventv1.Launch{Engine: &eventv1.Launch_Spark{Spark: command.SparkLaunch(settings)}}
	run.Launch = "launch of " + run.ID
	tx.PutContent(state.Content{Digest: run.Launch, Defined: &eventv1.Content{
		Content: &eventv1.Content_Launch{Launch: launch},
	}})
	tx.PutJobRun(run)
}
