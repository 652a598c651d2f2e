package server_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/headrace/headrace/internal/simnode"
	"github.com/headrace/headrace/internal/testcluster"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
	"github.com/headrace/headrace/server"
)

// manual is a cluster with TLS in which operators approve nodes.
func manual(t *testing.T) *testcluster.Cluster {
	t.Helper()
	return testcluster.Start(t, testcluster.Config{
		TLS:    true,
		Lease:  shortLease,
		Adjust: func(c *server.Config) { c.NodeApproval = server.ApproveManual },
	})
}

// asOperator makes a call with an operator's certificate.
func asOperator(
	t *testing.T,
	cluster *testcluster.Cluster,
	s *testcluster.Server,
	call func(controlv1.NodeServiceClient) error,
) {
	t.Helper()
	conn := cluster.Dial(s, "operator")
	defer conn.Close()
	must(t, call(controlv1.NewNodeServiceClient(conn)))
}

func approve(t *testing.T, cluster *testcluster.Cluster, s *testcluster.Server, node string) {
	t.Helper()
	asOperator(t, cluster, s, func(c controlv1.NodeServiceClient) error {
		_, err := c.ApproveNode(testcluster.Within(t), &controlv1.ApproveNodeRequest{NodeId: node})
		return err
	})
}

// wantWords holds that a text says what it is to say.
func wantWords(t *testing.T, text string, words ...string) {
	t.Helper()
	for _, word := range words {
		if !strings.Contains(text, word) {
			t.Errorf("%q does not say %q", text, word)
		}
	}
}

// A node waits for an operator; people see that it does, and runs that wait are told. What was decided is in the log:
// it outlives a change of leader, and the node's absence.
func TestNodeApproval_ANodeThatWaitsIsSeenAndUsedOnceItIsApproved(t *testing.T) {
	t.Parallel()
	cluster := manual(t)
	node := cluster.NodeIn("NOT_APPROVED", testcluster.NodeConfig{
		Name:   "n1",
		Zone:   "a",
		Script: always(simnode.Exits(0, "")),
	})
	follower := cluster.Follower()
	client := follower.Client()
	application := processApplication(t, client)
	run := startRun(t, client, processRun(application, 0))
	var explained *controlv1.ExplainJobRunResponse
	testcluster.Eventually(t, "the run to wait for a node", func() bool {
		answer, err := client.ExplainJobRun(testcluster.Within(t), &controlv1.ExplainJobRunRequest{
			ApplicationId: application,
			JobRunId:      run,
		})
		must(t, err)
		explained = answer
		return answer.GetWaitsFor() == "NO_NODES"
	})
	wantWords(t, explained.GetMessage(), "yet to approve", "1")
	wantWords(t, explained.GetNextStep(), "headrace node approve n1")
	approve(t, cluster, follower, "n1")
	awaitRun(t, cluster, application, run, "SUCCESS")
	seen := kinds(watch(t, client, &watchRequest{
		From:   &controlv1.Position{Record: 1},
		NodeId: node.ID,
	}, func(m *watchedEvent) bool { return m.GetKind() == "NodeApproved" }))
	if want := []string{"NodeRegistered", "NodeJoined", "NodeApproved"}; !slices.Equal(seen, want) {
		t.Errorf("of the node people see %v, not %v", seen, want)
	}
	old := cluster.Leader()
	old.Stop()
	cluster.Leader(old)
	cluster.AwaitNode(node, "READY")
	node.CutOff()
	cluster.AwaitNode(node, "LOST")
	node.Heal()
	cluster.AwaitNode(node, "READY")
}

// A node that nobody wants is sent away while it is here. If it comes again, it waits again.
func TestNodeApproval_ANodeThatIsForgottenWhileItWaitsJoinsAnew(t *testing.T) {
	t.Parallel()
	cluster := manual(t)
	node := cluster.NodeIn("NOT_APPROVED", testcluster.NodeConfig{
		Name:   "n1",
		Zone:   "a",
		Script: always(simnode.Hangs()),
	})
	client := cluster.Leader().Client()
	joined := func() *controlv1.Node {
		list, err := client.ListNodes(testcluster.Within(t), &controlv1.ListNodesRequest{})
		must(t, err)
		if len(list.GetNodes()) == 0 {
			return nil
		}
		return list.GetNodes()[0]
	}
	first := joined()
	if first.GetCertificateName() != "n1" || len(first.GetCertificateSha256()) != 64 {
		t.Errorf("the node is %v", first)
	}
	asOperator(t, cluster, cluster.Leader(), func(c controlv1.NodeServiceClient) error {
		_, err := c.ForgetNode(testcluster.Within(t), &controlv1.ForgetNodeRequest{NodeId: "n1"})
		return err
	})
	testcluster.Eventually(t, "the node to join again", func() bool {
		again := joined()
		return again.GetNodeId() == node.ID && again.GetState() == "NOT_APPROVED" &&
			again.GetJoinedAt().AsTime().After(first.GetJoinedAt().AsTime())
	})
}

// A machine with a new disk has its certificate and another id. It is taken in once the old one is lost, in its place.
func TestNodeReplaced_ByAMachineWithItsCertificate(t *testing.T) {
	t.Parallel()
	cluster := manual(t)
	old := cluster.NodeIn("NOT_APPROVED", testcluster.NodeConfig{
		Name:   "n1",
		Zone:   "a",
		Script: always(simnode.Hangs()),
	})
	approve(t, cluster, cluster.Leader(), "n1")
	old.Crash()
	replacement := cluster.Node(testcluster.NodeConfig{
		Name:   "n1",
		Zone:   "a",
		Script: always(simnode.Hangs()),
	}) // approved, as the old one was
	list, err := cluster.Leader().Client().ListNodes(testcluster.Within(t), &controlv1.ListNodesRequest{})
	must(t, err)
	if nodes := list.GetNodes(); len(nodes) != 1 || nodes[0].GetNodeId() != replacement.ID {
		t.Errorf("there are %v", nodes)
	}
}
