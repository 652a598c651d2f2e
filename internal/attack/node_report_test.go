package attack

import (
	"strings"
	"testing"

	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/simnode"
	"github.com/headrace/headrace/internal/testcluster"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
)

// knownThief is a thief that is a node of the cluster, with a session of its own, on which nothing fits.
func (w *nodeWorld) knownThief() (*rawAgent, *rawSession) {
	w.t.Helper()
	id := newID()
	thief := w.raw(w.cluster.Leader(), "thief", id)
	tiny := offer(id, "thief")
	tiny.MilliCpu = 1
	tiny.MemoryMib = 1
	tiny.DiskMib = 1
	return thief, thief.session(tiny).registered(w.t)
}

// forged says of every worker of a run that it succeeded, and that it failed.
func (w *nodeWorld) forged(run string) (all []*agentv1.WorkerStatus) {
	for _, worker := range w.workers(run) {
		for _, code := range []int32{0, 1} {
			all = append(all, &agentv1.WorkerStatus{
				WorkerId: worker.GetWorkerId(), Epoch: 1, Phase: agentv1.Phase_PHASE_ENDED,
				ExitReason: agentv1.ExitReason_EXIT_REASON_EXITED, ExitCode: code, Message: "forged",
			})
		}
	}
	return all
}

// A thief reports the ends of the victim's workers: in its inventory, and on its session.
func TestNodeReport_OfAnothersWorkers(t *testing.T) {
	if !apart(t) {
		return
	}
	w := newNodeWorld(t, testcluster.Config{Servers: 1})
	thief, session := w.knownThief()
	w.unmoved(func() {
		session.report(&agentv1.Report{Number: 1, Workers: w.forged(w.run)})
		session.acknowledged(t, 1)
		again := offer(thief.id, "thief")
		again.MilliCpu = 1
		again.MemoryMib = 1
		again.DiskMib = 1
		again.Inventory = w.forged(w.run)
		thief.session(again).registered(t)
	})
	session.heardNothingOf(t, secret, w.run)
	w.ends()
}

// A thief says that it cannot prepare the victim's slots, which would have them given up, and that they are ready.
func TestNodeReport_OfAnothersSlots(t *testing.T) {
	if !apart(t) {
		return
	}
	w := newNodeWorld(t, testcluster.Config{Servers: 1})
	ctx := testcluster.Within(t)
	client := w.client()
	size := specv1.WorkerSize_builder{
		MilliCpu:  new(int64(1000)),
		MemoryMib: new(int64(2048)),
		DiskMib:   new(int64(20480)),
	}.Build()
	drivers := specv1.InitialCapacity_builder{WorkerCount: new(int64(2)), WorkerSize: size}.Build()
	spec := processSpec("warm")
	spec.SetInitialCapacity(map[string]*specv1.InitialCapacity{"Driver": drivers})
	made, err := client.CreateApplication(ctx, &controlv1.CreateApplicationRequest{Spec: spec})
	w.must(err)
	warm := made.GetApplication().GetApplicationId()
	_, err = client.StartApplication(ctx, &controlv1.StartApplicationRequest{ApplicationId: warm})
	w.must(err)
	pool := func() *controlv1.Pool {
		got, err := client.GetApplication(ctx, &controlv1.GetApplicationRequest{ApplicationId: warm})
		w.must(err)
		return got.GetApplication().GetPools()[0]
	}
	testcluster.Eventually(t, "the slots to be ready", func() bool { return pool().GetReady() == 2 })
	_, session := w.knownThief()
	w.unmoved(func() {
		report := &agentv1.Report{Number: 1}
		for _, slot := range w.victim.Slots() {
			report.Slots = append(report.Slots, &agentv1.SlotStatus{SlotId: slot.GetSlotId(), Error: "forged"})
		}
		if len(report.GetSlots()) != 2 {
			t.Fatalf("the victim has the slots %v", report.GetSlots())
		}
		session.report(report)
		session.acknowledged(t, 1)
	})
	if p := pool(); p.GetReady() != 2 || p.GetHeld() != 2 {
		t.Errorf("the pool is %v", p)
	}
}

// A thief says for the victim's Spark driver how many executors it wants and where they find it: they would connect to
// the thief, with the attempt's secret.
func TestNodeReport_DemandOfAnothersDriver(t *testing.T) {
	if !apart(t) {
		return
	}
	w := newNodeWorld(t, testcluster.Config{Servers: 1})
	drivers := make(chan *simnode.Worker, 1)
	executors := make(chan *agentv1.AssignedWorker, 10)
	spark := w.cluster.Node(testcluster.NodeConfig{
		Name:     "spark",
		Zone:     "b",
		Releases: []string{"emr-7.2.0"},
		Script: func(a *agentv1.AssignedWorker) simnode.Program {
			if a.GetNumber() != 0 {
				executors <- a
				return simnode.Hangs()
			}
			return simnode.Program{Run: func(driver *simnode.Worker) simnode.Exit {
				drivers <- driver
				return simnode.Hangs().Run(driver)
			}}
		},
	})
	ctx := testcluster.Within(t)
	client := w.client()
	made, err := client.CreateApplication(ctx, &controlv1.CreateApplicationRequest{
		Spec: applicationSpec("spark", specv1.Engine_ENGINE_SPARK, "emr-7.2.0"),
	})
	w.must(err)
	started, err := client.StartJobRun(ctx, &controlv1.StartJobRunRequest{
		ApplicationId: made.GetApplication().GetApplicationId(),
		Spec: sparkRun("file:///count.py", "--conf spark.executor.instances=1 --conf spark.driver.cores=1 "+
			"--conf spark.driver.memory=1g --conf spark.executor.cores=1 --conf spark.executor.memory=1g"),
	})
	w.must(err)
	driver := <-drivers
	_, session := w.knownThief()
	forged := &agentv1.Demand{
		JobRunId: started.GetJobRun().GetJobRunId(), Attempt: 1, Target: 9, Stop: []uint32{1},
		Launch: &agentv1.ExecutorLaunch{DriverUrl: "spark://CoarseGrainedScheduler@thief:1", SparkApplicationId: "x"},
	}
	session.say(&agentv1.SessionRequest{Message: &agentv1.SessionRequest_Demand{Demand: forged}})
	session.report(&agentv1.Report{Number: 1})
	session.acknowledged(t, 1) // what was said before it has been taken
	driver.Demand(1)
	executor := <-executors
	if url := executor.GetSparkExecutor().GetLaunch().GetDriverUrl(); strings.Contains(url, "thief") ||
		executor.GetDesired() != agentv1.Desired_DESIRED_RUN {
		t.Errorf("the executor is to connect to %s, and to %s", url, executor.GetDesired())
	}
	session.say(&agentv1.SessionRequest{Message: &agentv1.SessionRequest_Demand{Demand: forged}})
	session.report(&agentv1.Report{Number: 2})
	session.acknowledged(t, 2)
	for _, worker := range spark.Live() {
		if a, _ := worker.Assigned(); a.GetDesired() != agentv1.Desired_DESIRED_RUN ||
			strings.Contains(a.GetSparkExecutor().GetLaunch().GetDriverUrl(), "thief") {
			t.Errorf("after the attack a worker is %v", a)
		}
	}
	if n := len(spark.Live()); n != 2 {
		t.Errorf("the run has %d workers", n)
	}
}

// A report that is too large, or of too many, ends the session that sends it; nobody else notices.
func TestNodeReport_OfAnySize(t *testing.T) {
	if !apart(t) {
		return
	}
	for name, report := range map[string]*agentv1.Report{
		"of a long message": {
			Number:  1,
			Workers: []*agentv1.WorkerStatus{{WorkerId: newID(), Message: strings.Repeat("x", 7<<19)}},
		},
		"of many workers":   {Number: 1, Workers: make([]*agentv1.WorkerStatus, 300)},
		"of many releases":  {Number: 1, Releases: &agentv1.ReleaseHoldings{Labels: make([]string, 300)}},
		"of a wild release": {Number: 1, Releases: &agentv1.ReleaseHoldings{Labels: []string{"\x1b]0;owned\a"}}},
	} {
		for i := range report.GetWorkers() {
			if report.GetWorkers()[i] == nil {
				report.Workers[i] = &agentv1.WorkerStatus{WorkerId: newID()}
			}
		}
		t.Run(name, func(t *testing.T) {
			w := newNodeWorld(t, testcluster.Config{Servers: 1})
			_, session := w.knownThief()
			w.unmoved(func() {
				session.report(report)
				session.over(t)
			})
			if !errs.Is(session.err, errs.TooLarge) && !errs.Is(session.err, errs.Invalid) {
				t.Errorf("the session ended with %v", session.err)
			}
		})
	}
}
