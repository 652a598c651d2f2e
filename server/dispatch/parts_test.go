package dispatch

import (
	"fmt"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/caught"
	"github.com/headrace/headrace/internal/spec"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
	eventv1 "github.com/headrace/headrace/proto/headrace/event/v1"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
	"github.com/headrace/headrace/server/demand"
)

// array is a node that runs a job array: tasks with an environment of about so many bytes. Its driver is number 0.
func array(runs, tasks, bytes int) *state.View {
	tx := slots().Begin()
	for r := range runs {
		run := fmt.Sprintf("run-%04d", r)
		said := processRun(specv1.Process_builder{
			Command:     []string{"/bin/true"},
			Tasks:       new(uint32(tasks)),
			Environment: map[string]string{"A": strings.Repeat("a", bytes/2), "B": strings.Repeat("b", bytes/2)},
		})
		tx.PutJobRun(running(run, "other", spec.ProcessRelease, said))
		tx.PutAttempt(state.Attempt{Run: run, Number: 1, State: state.AttemptRunning, Zone: "a"})
		for n := range tasks + 1 {
			as := state.TypeTask
			if n == 0 {
				as = state.TypeDriver
			}
			put(tx, state.Worker{ID: fmt.Sprintf("%s-w%05d", run, n), Run: run, Number: uint32(n), Type: as})
		}
	}
	return tx.Commit()
}

// put puts a worker of the application "other" and its slot onto n1.
func put(tx *state.Tx, w state.Worker) {
	w.Application = "other"
	w.Attempt = 1
	w.Epoch = 1
	w.Node = "n1"
	w.State = state.WorkerPlaced
	tx.PutSlot(state.Slot{ID: w.ID, Application: w.Application, Node: w.Node, Size: w.Size, Type: w.Type, Worker: w.ID})
	tx.PutWorker(w)
}

// checkParts holds what every agent relies on: parts follow each other, the last one says so, none is large, and each
// says itself what its workers run.
func checkParts(t *testing.T, parts []*agentv1.Assignment) (workers int) {
	t.Helper()
	for i, part := range parts {
		if part.GetPart() != uint32(i) || part.GetGoesOn() != (i < len(parts)-1) ||
			part.GetRecord() != parts[0].GetRecord() ||
			part.GetComplete() != parts[0].GetComplete() {
			t.Errorf("part %d of %d is part %d of record %d, goes on: %v",
				i, len(parts), part.GetPart(), part.GetRecord(), part.GetGoesOn())
		}
		if size := proto.Size(part); size > maxPart && len(part.GetWorkers()) > 1 {
			t.Errorf("part %d has %d bytes", i, size)
		}
		for _, w := range part.GetWorkers() {
			if n := w.GetProgramNumber(); n == 0 || int(n) > len(part.GetPrograms()) {
				t.Fatalf("part %d: worker %s runs the program %d of %d", i, w.GetWorkerId(), n, len(part.GetPrograms()))
			}
		}
		workers += len(part.GetWorkers())
	}
	return workers
}

// An assignment of 120 MB was refused by its agent, so that the node flapped for ever.
func TestAssignments_TellWhatAnAttemptRunsOnceForAllItsTasks(t *testing.T) {
	var told assignments
	parts, broken, err := tellAll(&told, New(Config{Demands: demand.NewStore()}), array(1, 600, 200_000))
	if err != nil || len(broken) > 0 || len(parts) != 1 || checkParts(t, parts) != 601 {
		t.Fatalf("%d parts, %v, %v", len(parts), broken, err)
	}
	if size := proto.Size(parts[0]); size > 2*200_000+601*200 {
		t.Errorf("601 workers are told %d bytes", size)
	}
}

func TestAssignments_GoInBoundedParts(t *testing.T) {
	view := array(30, 100, 200_000)
	d := New(Config{Demands: demand.NewStore()})
	var told assignments
	parts, _, err := tellAll(&told, d, view)
	if err != nil || len(parts) < 4 || checkParts(t, parts) != 30*101 {
		t.Fatalf("%d parts, %v", len(parts), err)
	}
	if again, _, err := tellAll(&told, d, view); len(again) > 0 || err != nil {
		t.Errorf("without a change it is told %d parts, %v", len(again), err)
	}
	tx := view.Begin()
	for w := range view.LiveWorkersOfNode("n1") {
		ended := *w
		ended.State = state.WorkerEnded
		tx.PutWorker(ended)
	}
	parts, _, err = tellAll(&told, d, tx.Commit())
	forgotten := 0
	for _, part := range parts {
		forgotten += len(part.GetForget())
	}
	if err != nil || forgotten != 30*101 || parts[len(parts)-1].GetGoesOn() {
		t.Errorf("%d of %d are forgotten, in %d parts: %v", forgotten, 30*101, len(parts), err)
	}
}

// A full node of the smallest workers, each with a program of its own of the largest size, is told part by part.
func TestAssignments_OneLargeWorkerHasAPartOfItsOwn(t *testing.T) {
	var told assignments
	parts, _, err := tellAll(&told, New(Config{Demands: demand.NewStore()}), array(4, 0, maxPart))
	if err != nil || len(parts) != 4+1 || checkParts(t, parts) != 4 {
		t.Fatalf("%d parts, %v", len(parts), err)
	}
	for _, part := range parts {
		if size := proto.Size(part); size > maxPart+4096 {
			t.Errorf("a part has %d bytes", size)
		}
	}
}

func TestAssignments_AnEmptyCompleteOneIsTold(t *testing.T) {
	var told assignments
	tx := state.New().Begin()
	tx.PutNode(state.Node{ID: "n1", Name: "n1", Zone: "a", State: state.NodeReady})
	parts, _, err := tellAll(&told, New(Config{Demands: demand.NewStore()}), tx.Commit())
	if err != nil || len(parts) != 1 || !parts[0].GetComplete() || parts[0].GetGoesOn() {
		t.Errorf("%v, %v", parts, err)
	}
}

// A run that cannot be told dropped its node's session at every touch.
func TestAssignments_LeaveOutAWorkerWhoseProgramCannotBeMade(t *testing.T) {
	without := running("bad", "app", "emr-7.2.0", sparkRun(""))
	for name, broken := range map[string]*state.JobRun{
		"no launch": &without,
		"a panic":   nil, // at the first look at a run that is not there
	} {
		tx := array(1, 2, 10).Begin()
		if broken != nil {
			tx.PutJobRun(*broken)
		}
		tx.PutAttempt(state.Attempt{Run: "bad", Number: 1, State: state.AttemptRunning, Zone: "a"})
		put(tx, state.Worker{ID: "bad-w", Run: "bad", Type: state.TypeDriver})
		d := New(Config{Demands: demand.NewStore()})
		view := tx.Commit()
		var told assignments
		parts, untold, err := tellAll(&told, d, view)
		if err != nil || len(untold) != 1 || untold[0].run != "bad" || caught.Is(untold[0].reason) != (broken == nil) {
			t.Fatalf("%s: %v, %v", name, untold, err)
		}
		desired := map[string]agentv1.Desired{}
		for _, w := range parts[0].GetWorkers() {
			desired[w.GetWorkerId()] = w.GetDesired()
		}
		if len(desired) != 4 || desired["bad-w"] != agentv1.Desired_DESIRED_STOP ||
			desired["run-0000-w00001"] != agentv1.Desired_DESIRED_RUN {
			t.Errorf("%s: the node is told %v", name, desired)
		}
		tx = view.Begin() // once its attempt has failed there is nothing more to say
		tx.PutAttempt(state.Attempt{Run: "bad", Number: 1, State: state.AttemptFailed, Zone: "a"})
		if parts, untold, err := tellAll(&told, d, tx.Commit()); len(parts) > 0 || len(untold) > 0 || err != nil {
			t.Errorf("%s: after the failure: %v, %v, %v", name, parts, untold, err)
		}
	}
}

// What is accepted can be sent: the largest submission over the largest settings of an application is less than half of
// the most.
func TestProgram_OfTheLargestSubmissionCanBeSent(t *testing.T) {
	classifications := func(n int) (all []*specv1.Configuration) {
		for _, name := range []string{
			"spark-defaults",
			"core-site",
			"hive-site",
			"emrfs-site",
			"tez-site",
			"mapred-site",
			"spark-driver-log4j2",
			"spark-executor-log4j2",
		} {
			properties := map[string]string{}
			for i := range n {
				key := fmt.Sprintf("spark.executorEnv.%s%d", strings.ReplaceAll(name, "-", ""), i)
				properties[key] = strings.Repeat("x", 300)
			}
			all = append(all, specv1.Configuration_builder{Classification: &name, Properties: properties}.Build())
		}
		return all
	}
	said := sparkRun("--conf spark.executorEnv.BIG=" + strings.Repeat("x", 100<<10))
	said.Driver.GetSparkSubmit().SetEntryPointArguments([]string{strings.Repeat("a", 120<<10)})
	tx := slots().Begin()
	inherited := &eventv1.Settings{Configuration: classifications(90)}
	putSpark(t, tx, running("r", "app", "emr-7.2.0", said), inherited)
	tx.PutAttempt(state.Attempt{Run: "r", Number: 1, State: state.AttemptRunning, Zone: "a"})
	put(tx, state.Worker{ID: "w", Run: "r", Type: state.TypeDriver})
	demands := demand.NewStore()
	demands.Set(&agentv1.Demand{
		JobRunId: "r",
		Attempt:  1,
		Target:   1,
		Launch:   &agentv1.ExecutorLaunch{DriverUrl: strings.Repeat("x", maxLaunch)},
	})
	put(tx, state.Worker{ID: "x", Run: "r", Type: state.TypeExecutor, Number: 1})
	var told assignments
	parts, broken, err := tellAll(&told, New(Config{Demands: demands}), tx.Commit())
	if err != nil || len(broken) > 0 || checkParts(t, parts) != 2 {
		t.Fatal(broken, err)
	}
	for _, part := range parts {
		for _, p := range part.GetPrograms() {
			if size := proto.Size(p); size > maxProgram/2 || size < 200<<10 {
				t.Errorf("a program has %d bytes", size)
			}
		}
	}
}

// A node at the deadline of its drain waits for a cancelled run no longer than for others, and never longer than its
// user said.
func TestDesired_OfACancelledRunAtTheDeadlineOfADrain(t *testing.T) {
	tx := array(1, 1, 0).Begin()
	leaving := *tx.View().Worker("run-0000-w00001")
	leaving.Leaving = state.LeavingStopped
	for given, want := range map[int64]int64{3600: graceOnDrain, 5: 5} {
		run := *tx.View().JobRun("run-0000")
		run.State, run.GraceSeconds = state.RunCancelling, given
		does, grace := (&Dispatch{}).desired(tx.View(), &leaving, &run)
		if does != agentv1.Desired_DESIRED_STOP || grace != want {
			t.Errorf("with a grace of %d seconds it is %s within %d", given, does, grace)
		}
	}
}
