package server_test

import (
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/headrace/headrace/internal/simnode"
	"github.com/headrace/headrace/internal/testcluster"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
)

// listed returns the names of the nodes that meet constraints.
func listed(t *testing.T, client *testcluster.Client, constraints ...string) (names []string) {
	t.Helper()
	answer, err := client.ListNodes(testcluster.Within(t), &controlv1.ListNodesRequest{Constraints: constraints})
	must(t, err)
	for _, n := range answer.GetNodes() {
		names = append(names, n.GetName())
	}
	return names
}

func TestConstraints_HoldFromTheAgentToTheWorkers(t *testing.T) {
	t.Parallel()
	cluster := testcluster.Start(t, testcluster.Config{})
	client := cluster.Follower().Client()
	add := func(name, disk string) *testcluster.Node {
		return cluster.Node(testcluster.NodeConfig{
			Name: name, Zone: "a", Labels: map[string]string{"disk": disk}, Script: always(simnode.Hangs()),
		})
	}
	add("n1", "hdd")
	spec := processSpec("fast")
	spec.SetConstraints([]string{"disk == nvme"})
	application := createApplication(t, client, spec)
	run := startRun(t, client, processRun(application, 2))
	wantExplained(t, explain(t, cluster, application, run, "NO_SUCH_NODE"),
		"no node has disk == nvme; 1 node has the label disk: hdd", "(architecture X86_64, disk == nvme)")

	n2 := add("n2", "nvme")
	awaitRun(t, cluster, application, run, "RUNNING")
	node, err := client.GetNode(testcluster.Within(t), &controlv1.GetNodeRequest{NodeId: n2.ID})
	must(t, err)
	if len(node.GetWorkers()) != 3 || node.GetNode().GetLabels()["disk"] != "nvme" {
		t.Errorf("n2 has the labels %v and %d workers of 3", node.GetNode().GetLabels(), len(node.GetWorkers()))
	}
	if names := listed(t, client, "disk in (nvme, ssd)", "zone == a"); len(names) != 1 || names[0] != "n2" {
		t.Errorf("%v have such a disk, not n2", names)
	}
	if names := listed(t, client, "disk exists"); len(names) != 2 {
		t.Errorf("%v have a disk, not both", names)
	}
	_, err = client.ListNodes(testcluster.Within(t), &controlv1.ListNodesRequest{Constraints: []string{"disk nvme"}})
	if status.Code(err) != codes.InvalidArgument {
		t.Errorf("a filter that is no constraint gives %v", err)
	}
}
