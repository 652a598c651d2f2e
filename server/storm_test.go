package server_test

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/headrace/headrace/internal/simnode"
	"github.com/headrace/headrace/internal/testcluster"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
	"github.com/headrace/headrace/server"
)

var stormSeed = flag.Uint64("storm-seed", 1, "draws the faults of TestStorm")

// The size of a storm.
const (
	stormNodes      = 9
	stormRuns       = 60
	stormUnfinished = 8 // runs that are under way at once
	stormAttempts   = 5 // of a run
)

// Servers stop, nodes are cut off and crash, runs fail and are cancelled, while agents are real. Once faults stop,
// every run has ended once, no worker was started twice, and no two drivers of a run ever lived at once.
func TestStorm_EveryRunEndsOnceWhateverFails(t *testing.T) {
	t.Parallel()
	s := newStorm(t)
	for n := range stormRuns {
		s.submit(n)
		s.fault()
		s.calm(stormUnfinished)
	}
	s.mend()
	s.calm(0)
	for _, node := range s.nodes {
		s.cluster.AwaitNode(node, "READY")
	}
	wantEndsOnce(t, s.cluster, s.application, s.runs, stormAttempts)
	noFaults(t, s.cluster)
	t.Logf("seed %d: %d runs, %d workers started, faults %v", *stormSeed, len(s.runs), s.cluster.Ledger.Started(), s.count)
}

// storm is a cluster to which things happen.
type storm struct {
	t           *testing.T
	random      *rand.Rand
	cluster     *testcluster.Cluster
	application string
	nodes       []*testcluster.Node
	away        map[*testcluster.Node]bool
	down        *testcluster.Server // nil: all servers run
	runs        []string
	over        map[string]bool
	count       map[string]int // of faults, by name
}

func newStorm(t *testing.T) *storm {
	s := &storm{
		t:      t,
		random: rand.New(rand.NewPCG(*stormSeed, 0)),
		cluster: testcluster.Start(t, testcluster.Config{Lease: time.Second, Adjust: func(c *server.Config) {
			c.RetryBackoff = 10 * time.Millisecond
			c.RetryBackoffMax = 100 * time.Millisecond
		}}),
		away:  map[*testcluster.Node]bool{},
		over:  map[string]bool{},
		count: map[string]int{},
	}
	for i := range stormNodes {
		s.nodes = append(s.nodes, s.cluster.Node(testcluster.NodeConfig{
			Name:   fmt.Sprintf("n%d", i),
			Zone:   "abc"[i%3 : i%3+1],
			Script: stormProgram,
		}))
	}
	s.application = processApplication(t, s.cluster.Leader().Client())
	return s
}

// stormProgram draws what a worker does. Tasks run until their driver has ended.
func stormProgram(a *agentv1.AssignedWorker) simnode.Program {
	switch luck := rand.IntN(100); {
	case luck < 5:
		return simnode.Refuses("the disk is full")
	case luck < 15:
		return simnode.Exits(1, "it broke")
	case luck < 20:
		return simnode.OutOfMemory(3 << 30)
	case a.GetNumber() > 0:
		return simnode.Hangs()
	}
	return simnode.RunsFor(time.Duration(rand.IntN(600)) * time.Millisecond)
}

// submit submits a run, and now and then cancels an earlier one.
func (s *storm) submit(n int) {
	s.t.Helper()
	request := retried(processRun(s.application, uint32(s.random.IntN(3))), stormAttempts)
	request.ClientToken = fmt.Sprintf("run-%d", n)
	ctx := testcluster.Within(s.t)
	must(s.t, s.cluster.Anywhere(ctx, func(c *testcluster.Client) error {
		answer, err := c.StartJobRun(ctx, request)
		if err == nil {
			s.runs = append(s.runs, answer.GetJobRun().GetJobRunId())
		}
		return err
	}))
	if s.random.IntN(10) == 0 {
		s.cancel(s.runs[s.random.IntN(len(s.runs))])
	}
}

// cancel cancels a run, which may be over.
func (s *storm) cancel(run string) {
	s.t.Helper()
	s.count["cancel"]++
	ctx := testcluster.Within(s.t)
	_ = s.cluster.Anywhere(ctx, func(c *testcluster.Client) error {
		_, err := c.CancelJobRun(ctx, &controlv1.CancelJobRunRequest{ApplicationId: s.application, JobRunId: run})
		return err
	})
}

// fault lets something fail, or come back. A third of the nodes and one server are away at most.
func (s *storm) fault() {
	s.t.Helper()
	node := s.nodes[s.random.IntN(len(s.nodes))]
	switch s.random.IntN(4) {
	case 0:
		s.lose(node, "cut off", node.CutOff)
	case 1:
		s.lose(node, "crash", node.Crash)
	case 2:
		s.heal(node)
	case 3:
		s.toggleServer()
	}
}

func (s *storm) lose(node *testcluster.Node, name string, lose func()) {
	if s.away[node] || len(s.away) >= stormNodes/3 {
		return
	}
	s.count[name]++
	s.away[node] = true
	lose()
}

func (s *storm) heal(node *testcluster.Node) {
	s.t.Helper()
	if s.away[node] {
		s.count["heal"]++
		delete(s.away, node)
		node.Heal()
	}
}

// toggleServer starts the server that is down, or stops one.
func (s *storm) toggleServer() {
	s.t.Helper()
	if s.down != nil {
		s.down.Start()
		s.down = nil
		return
	}
	s.count["stop server"]++
	s.down = s.cluster.Servers[s.random.IntN(len(s.cluster.Servers))]
	s.down.Stop()
}

// mend ends all faults.
func (s *storm) mend() {
	s.t.Helper()
	if s.down != nil {
		s.toggleServer()
	}
	for _, node := range s.nodes {
		s.heal(node)
	}
}

// calm waits until at most so many runs are under way.
func (s *storm) calm(unfinished int) {
	s.t.Helper()
	testcluster.Eventually(s.t, fmt.Sprintf("at most %d runs to be under way", unfinished), func() bool {
		for _, run := range s.runs {
			if !s.over[run] {
				s.over[run] = over(getRun(s.t, s.cluster, s.application, run).GetState())
			}
		}
		left := 0
		for _, run := range s.runs {
			if !s.over[run] {
				left++
			}
		}
		return left <= unfinished
	})
}
