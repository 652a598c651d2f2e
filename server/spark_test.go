package server_test

import (
	"bytes"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/headrace/headrace/internal/simnode"
	"github.com/headrace/headrace/internal/testcluster"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
)

// sparkWorkers is a script of a Spark run: tests drive the driver, executors run until they are told to die.
type sparkWorkers struct {
	driver chan *simnode.Worker // the driver, once it runs
	finish chan struct{}        // ends the driver well

	mu        sync.Mutex
	executors map[uint32]*agentv1.AssignedWorker // as they were told when they began
	die       map[uint32]chan string             // has the executor die with that on its stderr
	dead      bool                               // executors die at once
}

func newSparkWorkers() *sparkWorkers {
	return &sparkWorkers{
		driver: make(chan *simnode.Worker, 10), finish: make(chan struct{}),
		executors: map[uint32]*agentv1.AssignedWorker{}, die: map[uint32]chan string{},
	}
}

func (s *sparkWorkers) script(a *agentv1.AssignedWorker) simnode.Program {
	if a.GetNumber() == 0 {
		return simnode.Program{Run: func(w *simnode.Worker) simnode.Exit {
			s.driver <- w
			return simnode.RunsUntil(s.finish).Run(w)
		}}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	die := make(chan string, 1)
	s.executors[a.GetNumber()] = a
	s.die[a.GetNumber()] = die
	if s.dead {
		die <- "no such class"
	}
	return simnode.Program{Run: func(w *simnode.Worker) simnode.Exit {
		select {
		case stderr := <-die:
			return simnode.Exit{Code: 1, Message: stderr}
		case <-w.Stop:
			return simnode.Exit{Code: 143}
		}
	}}
}

// kill has an executor die.
func (s *sparkWorkers) kill(number uint32, stderr string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.die[number] <- stderr
}

// began returns what an executor was told; nil if it did not begin.
func (s *sparkWorkers) began(number uint32) *agentv1.AssignedWorker {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.executors[number]
}

// dynamic are the parameters of a run with two executors at first, and any number then.
const dynamic = "--conf spark.dynamicAllocation.enabled=true --conf spark.dynamicAllocation.initialExecutors=2 "

// sparkCluster is a cluster on which a Spark run with the given parameters runs; its driver is the one returned.
func sparkCluster(
	t *testing.T,
	parameters string,
) (cluster *testcluster.Cluster, s *sparkWorkers, driver *simnode.Worker, application, run string) {
	t.Helper()
	cluster = testcluster.Start(t, testcluster.Config{})
	s = newSparkWorkers()
	for i := range 2 {
		cluster.Node(testcluster.NodeConfig{
			Name:      fmt.Sprintf("n%d", i),
			Zone:      "a",
			MilliCPU:  100_000,
			MemoryMiB: 1 << 20,
			DiskMiB:   1 << 20,
			Releases:  []string{"emr-7.2.0"},
			Script:    s.script,
		})
	}
	client := cluster.Follower().Client()
	application = sparkApplication(t, client)
	run = startRun(t, client, sparkRun(application, parameters))
	awaitRun(t, cluster, application, run, "RUNNING")
	return cluster, s, <-s.driver, application, run
}

// live returns the numbers of the run's live executors.
func live(t *testing.T, cluster *testcluster.Cluster, application, run string) (numbers []uint32) {
	t.Helper()
	for _, w := range workersOf(t, cluster, application, run) {
		if w.GetNumber() != 0 && w.GetState() != "ENDED" {
			numbers = append(numbers, w.GetNumber())
		}
	}
	return numbers
}

// awaitPeer waits until the driver is told that an executor ended.
func awaitPeer(t *testing.T, driver *simnode.Worker, number uint32) (peer *agentv1.EndedPeer) {
	t.Helper()
	testcluster.Eventually(t, fmt.Sprintf("the driver to hear of executor %d's end", number), func() bool {
		a, _ := driver.Assigned()
		for _, p := range a.GetEndedPeers() {
			if p.GetNumber() == number {
				peer = p
			}
		}
		return peer != nil
	})
	return peer
}

func TestSpark_ExecutorsComeAndGoAsTheDriverWants(t *testing.T) {
	t.Parallel()
	cluster, s, driver, application, run := sparkCluster(t,
		dynamic+"--conf spark.dynamicAllocation.minExecutors=0 --conf spark.dynamicAllocation.maxExecutors=6")
	if n := len(live(t, cluster, application, run)); n != 2 {
		t.Fatalf("%d executors are in the initial set, not 2", n)
	}
	if s.began(1) != nil {
		t.Error("an executor began before its driver said where it is")
	}
	driver.Demand(2)
	testcluster.Eventually(t,
		"the initial executors to begin", func() bool { return s.began(1) != nil && s.began(2) != nil })
	wantLaunch(t, driver, s.began(1))

	driver.Demand(99) // bounded by maxExecutors
	testcluster.Eventually(t,
		"six executors", func() bool { return len(live(t, cluster, application, run)) == 6 && s.began(6) != nil })
	driver.Demand(4, 1, 2)
	testcluster.Eventually(t,
		"executors 1 and 2 to be stopped",
		func() bool { return fmt.Sprint(live(t, cluster, application, run)) == "[3 4 5 6]" })
	if peer := awaitPeer(t, driver, 1); peer.GetProgramFault() || !strings.Contains(peer.GetMessage(), "STOPPED") {
		t.Errorf("the driver hears %v of an executor that it had stopped", peer)
	}
	s.kill(3, "it broke")
	if peer := awaitPeer(t, driver, 3); !peer.GetProgramFault() || peer.GetCode() != 1 ||
		!strings.Contains(peer.GetMessage(), "it broke") {
		t.Errorf("the driver hears %v of an executor that died", peer)
	}
	testcluster.Eventually(t, "executor 3 to be replaced by a new number", func() bool { return s.began(7) != nil })

	cluster.Leader().Stop() // the new leader hears of the driver's demand from its agent
	driver.Demand(0, 4, 5, 6, 7)
	testcluster.Eventually(t, "no executor", func() bool { return len(live(t, cluster, application, run)) == 0 })
	close(s.finish)
	awaitRun(t, cluster, application, run, "SUCCESS")
	noFaults(t, cluster)
}

// wantLaunch holds that an executor knows where its driver is, and has its secret.
func wantLaunch(t *testing.T, driver *simnode.Worker, executor *agentv1.AssignedWorker) {
	t.Helper()
	d, _ := driver.Assigned()
	if !strings.HasPrefix(executor.GetSparkExecutor().GetLaunch().GetDriverUrl(), "spark://CoarseGrainedScheduler@n") {
		t.Errorf("the executor is told %v", executor.GetSparkExecutor())
	}
	if len(d.GetSecret()) < 32 || !bytes.Equal(d.GetSecret(), executor.GetSecret()) {
		t.Error("driver and executor do not share a secret of at least 32 bytes")
	}
	if d.GetReleaseLabel() != "emr-7.2.0" || d.GetSparkDriver().GetEntryPoint() != "file:///word_count.py" {
		t.Errorf("the driver is told %v", d)
	}
}

func TestSpark_DyingExecutorsAreBackedOffThenTheAttemptFails(t *testing.T) {
	t.Parallel()
	cluster, s, driver, application, run := sparkCluster(t, dynamic+"--conf spark.dynamicAllocation.minExecutors=0")
	s.mu.Lock()
	s.dead = true
	s.mu.Unlock()
	driver.Demand(2)
	wait := explain(t, cluster, application, run, "EXECUTORS_DYING")
	if !strings.Contains(wait.GetMessage(), "died in a row") {
		t.Errorf("explained by %q", wait.GetMessage())
	}
	driver.Demand(15) // more than may die in a row
	row := awaitRun(t, cluster, application, run, "FAILED")
	f := row.GetFailure()
	if f.GetKind() != "WORKERS_DYING" || !strings.Contains(f.GetMessage(), "no such class") ||
		!strings.Contains(f.GetMessage(), "executor") {
		t.Errorf("failure %v", f)
	}
	noFaults(t, cluster)
}

// An executor that is lost with its node is replaced, and Spark hears that it was not the application's fault.
func TestSpark_ExecutorsNodeLost(t *testing.T) {
	t.Parallel()
	cluster := testcluster.Start(t, testcluster.Config{Servers: 1, Lease: shortLease})
	s := newSparkWorkers()
	var nodes []*testcluster.Node
	for i := range 3 {
		nodes = append(nodes, cluster.Node(testcluster.NodeConfig{
			Name:     fmt.Sprintf("n%d", i),
			Zone:     "a",
			MilliCPU: 5000,
			Releases: []string{"emr-7.2.0"},
			Script:   s.script,
		}))
	}
	client := cluster.Leader().Client()
	application := sparkApplication(t, client)
	run := startRun(
		t,
		client,
		sparkRun(application, "--conf spark.executor.instances=1 --conf spark.dynamicAllocation.enabled=false"),
	)
	awaitRun(t, cluster, application, run, "RUNNING")
	driver := <-s.driver
	driver.Demand(1)
	testcluster.Eventually(t, "executor 1", func() bool { return s.began(1) != nil })
	nodeOf(t, cluster, nodes, application, run, 1).Crash()
	if peer := awaitPeer(t, driver, 1); peer.GetProgramFault() || !strings.Contains(peer.GetMessage(), "NODE_LOST") {
		t.Errorf("the driver hears %v", peer)
	}
	testcluster.Eventually(t, "executor 2", func() bool { return s.began(2) != nil })
	close(s.finish)
	if row := awaitRun(t, cluster, application, run, "SUCCESS"); row.GetAttempt() != 1 {
		t.Errorf("it took %d attempts", row.GetAttempt())
	}
}
