package server_test

import (
	"fmt"
	"slices"
	"sync/atomic"
	"testing"

	"github.com/headrace/headrace/internal/simnode"
	"github.com/headrace/headrace/internal/testcluster"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
)

// Case 1: a run is seen as SUBMITTED, PENDING, SCHEDULED, RUNNING, SUCCESS in this order, and as RUNNING not before its
// driver's process has started.
func TestCase01_StatesInOrder(t *testing.T) {
	t.Parallel()
	begin := make(chan struct{})
	started := atomic.Bool{}
	cluster, _, client := oneNode(t, func(*agentv1.AssignedWorker) simnode.Program {
		<-begin // the node fetches
		started.Store(true)
		return simnode.Exits(0, "")
	})
	application := processApplication(t, client)
	run := startRun(t, client, processRun(application, 0))
	awaitRun(t, cluster, application, run, "SCHEDULED")
	close(begin)
	var states []string
	ofTheRun := []string{"JobRunSubmitted", "JobRunAdmitted", "AttemptScheduled", "AttemptRunning", "JobRunEnded"}
	watch(t, client, &watchRequest{From: &controlv1.Position{Record: 1}, JobRunId: run}, func(m *watchedEvent) bool {
		if slices.Contains(ofTheRun, m.GetKind()) {
			states = append(states, m.GetState()) // the run's; other events tell the states of workers and attempts
		}
		if m.GetKind() == "AttemptRunning" && !started.Load() {
			t.Error("the run is RUNNING before its driver's process has started")
		}
		return ended(m)
	})
	if want := []string{"SUBMITTED", "PENDING", "SCHEDULED", "RUNNING", "SUCCESS"}; !slices.Equal(states, want) {
		t.Errorf("the run is seen as %v, not %v", states, want)
	}
}

// Case 19: the leader goes between the attempts of a run: no number is skipped, none is given twice.
func TestCase19_LeaderKilledBetweenAttempts(t *testing.T) {
	t.Parallel()
	cluster := testcluster.Start(t, testcluster.Config{})
	cluster.Node(testcluster.NodeConfig{
		Name: "n1",
		Zone: "a",
		Script: func(a *agentv1.AssignedWorker) simnode.Program {
			if a.GetAttempt() < 3 {
				return simnode.Exits(1, "it broke")
			}
			return simnode.Exits(0, "")
		},
	})
	application := processApplication(t, cluster.Leader().Client())
	run := startRun(t, cluster.Leader().Client(), retried(processRun(application, 0), 5))
	for next := uint32(2); next <= 3; next++ {
		testcluster.Eventually(t, fmt.Sprintf("the run to wait for attempt %d", next), func() bool {
			return getRun(t, cluster, application, run).GetAttempt() == next
		})
		leader := cluster.Leader()
		leader.Stop()
		cluster.Leader(leader)
		leader.Start()
	}
	awaitRun(t, cluster, application, run, "SUCCESS")
	var seen []string
	for _, a := range attemptsOf(t, cluster, application, run) {
		seen = append(seen, fmt.Sprint(a.GetAttempt(), " ", a.GetState()))
	}
	slices.Sort(seen)
	if len(seen) != 3 || seen[0][:1] != "1" || seen[1][:1] != "2" || seen[2][:1] != "3" ||
		cluster.Ledger.Started() != 3 {
		t.Errorf("attempts %v, %d drivers started", seen, cluster.Ledger.Started())
	}
	noFaults(t, cluster)
}

// Case 20: a run gets pre-initialised workers before others, and all of them together never exceed the maximum
// capacity.
func TestCase20_PreinitialisedFirstAndNeverAboveMaximum(t *testing.T) {
	t.Parallel()
	finish := make(chan struct{})
	cluster, node, client := oneNode(t, func(a *agentv1.AssignedWorker) simnode.Program {
		if a.GetNumber() == 0 {
			return simnode.RunsUntil(finish)
		}
		return simnode.Hangs()
	})
	spec := warmSpec(1, 2)
	spec.SetMaximumCapacity(specv1.MaximumCapacity_builder{
		MilliCpu:  new(int64(4000)),
		MemoryMib: new(int64(16 << 10)),
		DiskMib:   new(int64(400 << 10)),
	}.Build())
	application := createApplication(t, client, spec)
	startApplication(t, client, application)
	awaitApplication(t, cluster, application, "STARTED")
	first := startRun(t, client, processRun(application, 3))
	awaitRun(t, cluster, application, first, "RUNNING")
	testcluster.Eventually(t, "four workers", func() bool { return len(node.Live()) == 4 })
	held := []string{""} // one worker has a slot of its own
	for _, slot := range node.Slots() {
		held = append(held, slot.GetSlotId())
	}
	if got := slotsOf(node); !slices.Equal(got, held) {
		t.Errorf("the workers are in the slots %q, not %q", got, held)
	}
	second := startRun(t, client, processRun(application, 0))
	explain(t, cluster, application, second, "APPLICATION_LIMIT")
	if used := getApplication(t, cluster, application).GetUsed().GetMilliCpu(); used != 4000 || len(node.Live()) != 4 {
		t.Errorf("%d of at most 4000 thousandths of a vCPU are used by %d workers", used, len(node.Live()))
	}
	close(finish)
	awaitRun(t, cluster, application, first, "SUCCESS")
	awaitRun(t, cluster, application, second, "SUCCESS")
	testcluster.Eventually(t, "the slots alone to be held", func() bool {
		return getApplication(t, cluster, application).GetUsed().GetMilliCpu() == 3000
	})
	noFaults(t, cluster)
}

// A queue outlasts its leader: no more runs are in place than may be, and they are served oldest first.
func TestQueue_IsKeptOverALeaderChange(t *testing.T) {
	t.Parallel()
	cluster := testcluster.Start(t, testcluster.Config{})
	finish := make(chan struct{})
	running := atomic.Int32{}
	peak := atomic.Int32{}
	cluster.Node(testcluster.NodeConfig{
		Name: "n1",
		Zone: "a",
		Script: always(simnode.Program{Run: func(w *simnode.Worker) simnode.Exit {
			peak.Store(max(peak.Load(), running.Add(1)))
			defer running.Add(-1)
			select {
			case <-finish:
			case <-w.Stop:
			}
			return simnode.Exit{}
		}}),
	})
	leader := cluster.Leader()
	spec := processSpec("queue")
	spec.SetScheduler(specv1.Scheduler_builder{MaxConcurrentRuns: new(uint32(1))}.Build())
	application := createApplication(t, leader.Client(), spec)
	var runs []string
	for range 4 {
		runs = append(runs, startRun(t, leader.Client(), processRun(application, 0)))
	}
	awaitRun(t, cluster, application, runs[0], "RUNNING")
	leader.Stop()
	cluster.Leader(leader)
	for _, run := range runs[1:] {
		explain(t, cluster, application, run, "QUEUED")
		if got := getRun(t, cluster, application, run).GetState(); got != "QUEUED" {
			t.Errorf("under the new leader a run of the queue is %s", got)
		}
	}
	finish <- struct{}{}
	awaitRun(t, cluster, application, runs[1], "RUNNING")
	close(finish)
	var last *controlv1.JobRun
	for _, run := range runs {
		row := awaitRun(t, cluster, application, run, "SUCCESS")
		if last != nil && !row.GetStartedAt().AsTime().After(last.GetStartedAt().AsTime()) {
			t.Errorf("run %s started at %s, the one before it at %s",
				run, row.GetStartedAt().AsTime(), last.GetStartedAt().AsTime())
		}
		last = row
	}
	if peak.Load() != 1 {
		t.Errorf("%d runs were in place at once", peak.Load())
	}
}
