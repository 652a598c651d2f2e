package server_test

import (
	"testing"
	"time"

	"github.com/headrace/headrace/internal/simnode"
	"github.com/headrace/headrace/internal/testcluster"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
)

// A node is emptied while leaders change: its pre-initialised workers are made ready elsewhere, and a run that may have
// one attempt is tried again, as the drain is not its fault. The node takes nothing until it is open again.
func TestDrain_EmptiesANodeOverAChangeOfLeader(t *testing.T) {
	t.Parallel()
	cluster := testcluster.Start(t, testcluster.Config{Lease: 10 * time.Second})
	done := make(chan struct{})
	add := func(name string) *testcluster.Node {
		return cluster.Node(testcluster.NodeConfig{
			Name:     name,
			Zone:     "a",
			Releases: held,
			Script:   always(simnode.RunsUntil(done)),
		})
	}
	n1 := add("n1")
	application := processApplication(t, cluster.Leader().Client())
	run := startRun(t, cluster.Leader().Client(), retried(processRun(application, 0), 1))
	awaitRun(t, cluster, application, run, "RUNNING")
	pool := warmApplication(t, cluster.Leader().Client(), 1, 2)
	awaitApplication(t, cluster, pool, "STARTED")
	n2 := add("n2")

	_, err := cluster.Leader().Client().DrainNode(testcluster.Within(t), &controlv1.DrainNodeRequest{
		NodeId: n1.ID, Reason: "a new kernel", DeadlineSeconds: 600, StopDrivers: true,
	})
	must(t, err)
	leader := cluster.Leader()
	leader.Stop()
	cluster.Leader(leader)
	awaitService(t, cluster, n1, "DRAINED")
	leader.Start()
	awaitSlots(t, 3, n2)
	if len(n1.Live()) > 0 || len(n1.Slots()) > 0 {
		t.Errorf("n1 is drained and has %d workers and %d slots", len(n1.Live()), len(n1.Slots()))
	}
	again := awaitRun(t, cluster, application, run, "RUNNING")
	if again.GetAttempt() != 2 {
		t.Errorf("the run is in attempt %d", again.GetAttempt())
	}
	close(done)
	awaitRun(t, cluster, application, run, "SUCCESS")
	noFaults(t, cluster)

	_, err = cluster.Leader().Client().UncordonNode(testcluster.Within(t), &controlv1.UncordonNodeRequest{NodeId: n1.ID})
	must(t, err)
	awaitService(t, cluster, n1, "OPEN")
}

// awaitService waits until a node's service is as said.
func awaitService(t *testing.T, cluster *testcluster.Cluster, node *testcluster.Node, want string) {
	t.Helper()
	ctx := testcluster.Within(t)
	testcluster.Eventually(t, "node "+node.ID+" to be "+want, func() bool {
		service := ""
		must(t, cluster.Anywhere(ctx, func(c *testcluster.Client) error {
			r, err := c.GetNode(ctx, &controlv1.GetNodeRequest{NodeId: node.ID})
			service = r.GetNode().GetService()
			return err
		}))
		return service == want
	})
}
