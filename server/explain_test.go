package server_test

import (
	"strings"
	"testing"

	"github.com/headrace/headrace/internal/simnode"
	"github.com/headrace/headrace/internal/testcluster"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
)

// wantExplained holds that an explanation, with its next step, names everything that it is to name.
func wantExplained(t *testing.T, answer *controlv1.ExplainJobRunResponse, names ...string) {
	t.Helper()
	for _, name := range names {
		if said := answer.GetMessage() + "; " + answer.GetNextStep(); !strings.Contains(said, name) {
			t.Errorf("%q does not name %q", said, name)
		}
	}
}

// holders returns what the runs hold that an explanation names.
func holders(answer *controlv1.ExplainJobRunResponse) map[string]int64 {
	held := map[string]int64{}
	for _, h := range answer.GetHolders() {
		held[h.GetJobRunId()] = h.GetHolds().GetMilliCpu()
	}
	return held
}

func TestExplain_SaysWhatARunWaitsForAndWhoHoldsIt(t *testing.T) {
	t.Parallel()
	cluster := testcluster.Start(t, testcluster.Config{})
	client := cluster.Follower().Client() // only the leader knows: it is asked
	application := processApplication(t, client)
	first := startRun(t, client, processRun(application, 2))
	wantExplained(t, explain(t, cluster, application, first, "NO_NODES"), "headrace agent")

	cluster.Node(testcluster.NodeConfig{Name: "n1", Zone: "a", MilliCPU: 4000, Script: always(simnode.Hangs())})
	awaitRun(t, cluster, application, first, "RUNNING")
	second := startRun(t, client, processRun(application, 1))
	answer := explain(t, cluster, application, second, "NO_ROOM")
	wantExplained(t, answer, "1 worker of 1 vCPU", "zone with the most room, a, has 1 vCPU")
	if answer.GetNeeds().GetMilliCpu() != 2000 || holders(answer)[first] != 3000 || len(holders(answer)) != 1 {
		t.Errorf("needs %v, held by %v", answer.GetNeeds(), answer.GetHolders())
	}

	spark := sparkApplication(t, client)
	run := startRun(t, client, sparkRun(spark, ""))
	wantExplained(t, explain(t, cluster, spark, run, "RELEASE_NOT_HELD"),
		"no node (of 1) holds release emr-7.2.0", "headrace release fetch emr-7.2.0")
	limited(t, cluster, first)
}

// limited holds that what waits for an application's limit is told of those who hold that, and of no others.
func limited(t *testing.T, cluster *testcluster.Cluster, elsewhere string) {
	t.Helper()
	client := cluster.Follower().Client()
	cluster.Node(testcluster.NodeConfig{Name: "n2", Zone: "a", Script: always(simnode.Hangs())})
	application := createApplication(t, client, tightSpec(3000))
	holder := startRun(t, client, processRun(application, 1))
	awaitRun(t, cluster, application, holder, "RUNNING")
	run := startRun(t, client, processRun(application, 1))
	answer := explain(t, cluster, application, run, "APPLICATION_LIMIT")
	wantExplained(t, answer,
		"may hold 3 vCPU at most", "raise the limit with `headrace application update "+application)
	if held := holders(answer); held[holder] != 2000 || held[elsewhere] != 0 || len(held) != 1 {
		t.Errorf("held by %v, not only by %s", answer.GetHolders(), holder)
	}
}
