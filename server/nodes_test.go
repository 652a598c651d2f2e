package server_test

import (
	"slices"
	"testing"
	"time"

	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/simnode"
	"github.com/headrace/headrace/internal/testcluster"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
)

// shortLease is of tests that wait for nodes to be lost.
const shortLease = 2 * time.Second

// nodeOf returns the node on which the worker with a number lives.
func nodeOf(
	t *testing.T,
	cluster *testcluster.Cluster,
	nodes []*testcluster.Node,
	application, run string,
	number uint32,
) *testcluster.Node {
	t.Helper()
	for _, w := range workersOf(t, cluster, application, run) {
		if w.GetNumber() == number && w.GetState() != "ENDED" {
			return nodes[slices.IndexFunc(nodes, func(n *testcluster.Node) bool { return n.ID == w.GetNodeId() })]
		}
	}
	t.Fatalf("run %s has no worker %d", run, number)
	return nil
}

// zones adds a node to each zone.
func zones(cluster *testcluster.Cluster, script simnode.Script, zones ...string) (nodes []*testcluster.Node) {
	for i, zone := range zones {
		nodes = append(nodes, cluster.Node(testcluster.NodeConfig{
			Name:   "n" + string(rune('1'+i)),
			Zone:   zone,
			Script: script,
		}))
	}
	return nodes
}

// The driver's node is cut off: it ends the driver at its lease, and only then the next attempt begins, in another
// zone.
func TestNodeLost_DriverRunsAgainElsewhere(t *testing.T) {
	t.Parallel()
	cluster := testcluster.Start(t, testcluster.Config{Servers: 1, Lease: shortLease})
	finish := make(chan struct{})
	nodes := zones(cluster, func(a *agentv1.AssignedWorker) simnode.Program {
		if a.GetAttempt() == 1 {
			return simnode.Hangs()
		}
		return simnode.RunsUntil(finish)
	}, "a", "b")
	client := cluster.Leader().Client()
	application := processApplication(t, client)
	run := startRun(t, client, retried(processRun(application, 1), 2))
	awaitRun(t, cluster, application, run, "RUNNING")
	lost := nodeOf(t, cluster, nodes, application, run, 0)
	lost.CutOff()
	testcluster.Eventually(t, "the second attempt to run", func() bool {
		row := getRun(t, cluster, application, run)
		return row.GetAttempt() == 2 && row.GetState() == "RUNNING"
	})
	close(finish)
	awaitRun(t, cluster, application, run, "SUCCESS")
	attempts := attemptsOf(t, cluster, application, run)
	if len(attempts) != 2 || attempts[0].GetState() != "FAILED" || attempts[0].GetFailure().GetKind() != "LOST_NODE" ||
		attempts[0].GetZone() == attempts[1].GetZone() {
		t.Errorf("attempts %v", attempts)
	}
	noFaults(t, cluster)
	if len(lost.Live()) != 0 {
		t.Error("the lost node kept workers beyond its lease")
	}
	returns(t, cluster, lost)
}

// returns holds that a lost node is taken in again and can be used, and what may be forgotten when.
func returns(t *testing.T, cluster *testcluster.Cluster, node *testcluster.Node) {
	t.Helper()
	client := cluster.Leader().Client()
	ctx := testcluster.Within(t)
	cluster.AwaitNode(node, "LOST")
	node.Heal()
	cluster.AwaitNode(node, "READY")
	_, err := client.ForgetNode(ctx, &controlv1.ForgetNodeRequest{NodeId: node.ID})
	wantError(t, err, errs.WrongState, "", "READY")
	node.CutOff()
	cluster.AwaitNode(node, "LOST")
	_, err = client.ForgetNode(ctx, &controlv1.ForgetNodeRequest{NodeId: node.ID})
	must(t, err)
	_, err = client.GetNode(ctx, &controlv1.GetNodeRequest{NodeId: node.ID})
	wantError(t, err, errs.NotFound, "")
}

// A node that keeps its connection but does not renew is lost as well, and may register again.
func TestNodeLost_WhenItDoesNotRenew(t *testing.T) {
	t.Parallel()
	cluster := testcluster.Start(t, testcluster.Config{Servers: 1, Lease: shortLease})
	client := cluster.Leader().Client()
	application := processApplication(t, client)
	run := startRun(t, client, processRun(application, 0))
	offer := register("n1")
	offer.GetRegister().MemoryMib = 64 << 10
	offer.GetRegister().DiskMib = 64 << 10
	silent := session(t, cluster, cluster.Leader(), offer)
	receive(t, silent, (*agentv1.SessionResponse).GetRegistered)
	row := awaitRun(t, cluster, application, run, "FAILED")
	if row.GetFailure().GetKind() != "LOST_NODE" {
		t.Errorf("failure %v", row.GetFailure())
	}
	again := session(t, cluster, cluster.Leader(), offer)
	receive(t, again, (*agentv1.SessionResponse).GetRegistered)
	testcluster.Eventually(t, "the node to be here again", func() bool {
		node, err := client.GetNode(testcluster.Within(t), &controlv1.GetNodeRequest{NodeId: "n1"})
		return err == nil && node.GetNode().GetState() == "READY"
	})
}

// A task's node is lost: the task runs again on another node of the zone, and the attempt goes on.
func TestNodeLost_TaskIsReplaced(t *testing.T) {
	t.Parallel()
	cluster := testcluster.Start(t, testcluster.Config{Servers: 1, Lease: shortLease})
	finish := make(chan struct{})
	nodes := zones(cluster, always(simnode.RunsUntil(finish)), "a", "a")
	client := cluster.Leader().Client()
	application := processApplication(t, client)
	request := processRun(application, 1)
	programOf(request).SetTaskRetries(1)
	programOf(request).GetTaskSize().SetMilliCpu(10_000)
	programOf(request).GetDriverSize().SetMilliCpu(10_000) // a node holds one of them
	run := startRun(t, client, request)
	awaitRun(t, cluster, application, run, "RUNNING")
	third := cluster.Node(testcluster.NodeConfig{Name: "n3", Zone: "a", Script: always(simnode.RunsUntil(finish))})
	nodeOf(t, cluster, nodes, application, run, 1).Crash()
	testcluster.Eventually(t, "the task to run again", func() bool { return len(third.Live()) == 1 })
	again, _ := third.Live()[0].Assigned()
	if again.GetNumber() != 1 || again.GetEpoch() != 2 || again.GetAttempt() != 1 ||
		again.GetProcess().GetDriverHost() == "" {
		t.Errorf("the task runs again as %v", again)
	}
	close(finish)
	awaitRun(t, cluster, application, run, "SUCCESS")
	noFaults(t, cluster)
}

// A task's node is lost and no retry is left: the attempt fails and says on which node.
func TestNodeLost_TaskWithoutRetriesFailsTheAttempt(t *testing.T) {
	t.Parallel()
	cluster := testcluster.Start(t, testcluster.Config{Servers: 1, Lease: shortLease})
	nodes := zones(cluster, always(simnode.Hangs()), "a", "a")
	client := cluster.Leader().Client()
	application := processApplication(t, client)
	request := processRun(application, 1)
	programOf(request).GetTaskSize().SetMilliCpu(10_000)
	programOf(request).GetDriverSize().SetMilliCpu(10_000)
	run := startRun(t, client, request)
	awaitRun(t, cluster, application, run, "RUNNING")
	nodeOf(t, cluster, nodes, application, run, 1).Crash()
	row := awaitRun(t, cluster, application, run, "FAILED")
	if row.GetFailure().GetKind() != "LOST_NODE" {
		t.Errorf("failure %v", row.GetFailure())
	}
}

// A node that was away for longer than its lease comes back with workers that are no longer its: they are fenced.
func TestNodeReturns_StaleWorkersAreFenced(t *testing.T) {
	t.Parallel()
	cluster := testcluster.Start(t, testcluster.Config{Servers: 1, Lease: shortLease})
	node := cluster.Node(testcluster.NodeConfig{
		Name:         "n1",
		Zone:         "a",
		Script:       always(simnode.Hangs()),
		IgnoresLease: true,
	})
	client := cluster.Leader().Client()
	application := processApplication(t, client)
	run := startRun(t, client, processRun(application, 1))
	awaitRun(t, cluster, application, run, "RUNNING")
	testcluster.Eventually(t, "both workers", func() bool { return len(node.Live()) == 2 })
	node.CutOff()
	awaitRun(t, cluster, application, run, "FAILED")
	node.Heal()
	testcluster.Eventually(t,
		"both workers to be fenced", func() bool { return len(node.Fenced()) == 2 && len(node.Live()) == 0 })
	cluster.AwaitNode(node, "READY")
}

// A run that is to go on without a lease survives its node's absence.
func TestNodeLost_KeepGoesOn(t *testing.T) {
	t.Parallel()
	cluster := testcluster.Start(t, testcluster.Config{Servers: 1, Lease: shortLease})
	finish := make(chan struct{})
	node := zones(cluster, always(simnode.RunsUntil(finish)), "a")[0]
	client := cluster.Leader().Client()
	application := processApplication(t, client)
	request := processRun(application, 0)
	request.GetSpec().SetOnDisconnect(specv1.OnDisconnect_ON_DISCONNECT_KEEP)
	run := startRun(t, client, request)
	awaitRun(t, cluster, application, run, "RUNNING")
	node.CutOff()
	cluster.AwaitNode(node, "LOST")
	if row := getRun(t, cluster, application, run); row.GetState() != "RUNNING" {
		t.Fatalf("a run that goes on without a lease is %s: %s", row.GetState(), row.GetStateDetails())
	}
	close(finish)
	node.Heal()
	awaitRun(t, cluster, application, run, "SUCCESS")
	noFaults(t, cluster)
}
