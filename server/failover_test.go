package server_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/headrace/headrace/internal/simnode"
	"github.com/headrace/headrace/internal/testcluster"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
)

// Runs are submitted with client tokens while leaders go away: each is there once, ends once, and nothing is started
// twice.
func TestFailover_RunsEndOnceWhileLeadersGo(t *testing.T) {
	t.Parallel()
	const runs = 100
	cluster := testcluster.Start(t, testcluster.Config{Lease: 10 * time.Second})
	for i := range 4 {
		cluster.Node(testcluster.NodeConfig{
			Name:      fmt.Sprintf("n%d", i),
			Zone:      "abc"[i%3 : i%3+1],
			MilliCPU:  64_000,
			MemoryMiB: 128 << 10,
			Script:    always(simnode.RunsFor(200 * time.Millisecond)),
		})
	}
	application := processApplication(t, cluster.Leader().Client())
	ctx := testcluster.Within(t)
	ids := make([]string, runs)
	submitted := make(chan struct{}, runs)
	var group sync.WaitGroup
	for part := range 4 {
		group.Go(func() {
			for i := part; i < runs; i += 4 {
				request := processRun(application, 1)
				request.ClientToken = fmt.Sprintf("run-%d", i)
				err := cluster.Anywhere(ctx, func(c *testcluster.Client) error {
					answer, err := c.StartJobRun(ctx, request)
					ids[i] = answer.GetJobRun().GetJobRunId()
					return err
				})
				if err != nil {
					t.Errorf("run %d: %v", i, err)
				}
				submitted <- struct{}{}
			}
		})
	}
	for range 2 {
		for range runs / 4 {
			<-submitted
		}
		leader := cluster.Leader()
		leader.Stop()
		cluster.Leader(leader)
		leader.Start()
	}
	group.Wait()
	for _, run := range ids {
		if row := awaitRun(t, cluster, application, run, "SUCCESS"); row.GetAttempt() != 1 {
			t.Errorf("run %s has %d attempts: %s", run, row.GetAttempt(), row.GetStateDetails())
		}
	}
	wantEndsOnce(t, cluster, application, ids, 1)
	noFaults(t, cluster)
	if started := cluster.Ledger.Started(); started != 2*runs {
		t.Errorf("%d workers were started, not %d", started, 2*runs)
	}
}

// wantEndsOnce reads all events of an application: each run is submitted and ended once. That it runs is told once for
// an attempt at most: one that began and ended while nobody led is only known to have ended.
func wantEndsOnce(t *testing.T, cluster *testcluster.Cluster, application string, runs []string, attempts int) {
	t.Helper()
	left := map[string]bool{}
	for _, run := range runs {
		left[run] = true
	}
	if len(left) != len(runs) {
		t.Errorf("%d submissions made %d runs", len(runs), len(left))
	}
	seen := map[string]int{}
	client := cluster.Leader().Client()
	watch(t, client, &watchRequest{
		From:          &controlv1.Position{Record: 1},
		ApplicationId: application,
	}, func(m *watchedEvent) bool {
		seen[m.GetKind()+" "+m.GetJobRunId()]++
		if ended(m) {
			delete(left, m.GetJobRunId())
		}
		return len(left) == 0
	})
	for _, run := range runs {
		submitted := seen["JobRunSubmitted "+run]
		running := seen["AttemptRunning "+run]
		over := seen["JobRunEnded "+run]
		if submitted != 1 || running > attempts || over != 1 {
			t.Errorf("run %s: submitted %d times, running %d times, ended %d times", run, submitted, running, over)
		}
	}
}

// All servers are away for longer than the lease: nobody leads, so the nodes go on, and the runs end as if nothing had
// happened.
func TestBlackout_RunsGoOnWithoutServers(t *testing.T) {
	t.Parallel()
	const lease = 2 * time.Second
	cluster := testcluster.Start(t, testcluster.Config{Lease: lease})
	finish := make(chan struct{})
	node := cluster.Node(testcluster.NodeConfig{
		Name: "n1",
		Zone: "a",
		Script: func(a *agentv1.AssignedWorker) simnode.Program {
			if a.GetNumber() == 0 {
				return simnode.RunsUntil(finish)
			}
			return simnode.Hangs()
		},
	})
	client := cluster.Leader().Client()
	application := processApplication(t, client)
	run := startRun(t, client, processRun(application, 2))
	testcluster.Eventually(t, "three workers", func() bool { return len(node.Live()) == 3 })
	awaitRun(t, cluster, application, run, "RUNNING")

	cluster.StopAll()
	longer := time.After(lease + lease/2)
	testcluster.Eventually(t, "more than a lease to pass", func() bool {
		select {
		case <-longer:
			return true
		default:
			return len(node.Live()) != 3
		}
	})
	if n := len(node.Live()); n != 3 {
		t.Fatalf("%d of 3 workers live while all servers are away", n)
	}
	for _, s := range cluster.Servers {
		s.Start()
	}
	cluster.Leader()
	close(finish)
	row := awaitRun(t, cluster, application, run, "SUCCESS")
	if row.GetAttempt() != 1 || cluster.Ledger.Started() != 3 {
		t.Errorf("%d attempts, %d workers", row.GetAttempt(), cluster.Ledger.Started())
	}
	noFaults(t, cluster)
}
