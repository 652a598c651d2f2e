package server_test

import (
	"testing"

	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/simnode"
	"github.com/headrace/headrace/internal/testcluster"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
)

// prior gives a submission a priority.
func prior(r *runRequest, priority uint32) *runRequest {
	r.GetSpec().SetPriority(priority)
	return r
}

// One node is full, and three runs wait for it. When the first is cancelled, the one of the highest priority has the
// room, though it came last and its application had work already.
func TestPriority_TheHighestOfThoseThatWaitIsNext(t *testing.T) {
	t.Parallel()
	cluster := testcluster.Start(t, testcluster.Config{})
	cluster.Node(testcluster.NodeConfig{Name: "n1", Zone: "a", MilliCPU: 2000, Script: always(simnode.Hangs())})
	client := cluster.Follower().Client()
	usual := processApplication(t, client)
	spec := processSpec("important")
	spec.SetPriority(80)
	important := createApplication(t, client, spec)
	first := startRun(t, client, processRun(important, 1))
	awaitRun(t, cluster, important, first, "RUNNING")
	waiting := []string{
		startRun(t, client, processRun(usual, 1)),
		startRun(t, client, prior(processRun(important, 1), 20)),
		startRun(t, client, processRun(important, 1)),
	}
	explain(t, cluster, important, waiting[1], "NO_ROOM")
	if answer := explain(t, cluster, important, waiting[2], "NO_ROOM"); answer.GetPriority() != 80 {
		t.Errorf("the last has priority %d", answer.GetPriority())
	}
	_, err := client.CancelJobRun(testcluster.Within(t), &controlv1.CancelJobRunRequest{
		ApplicationId: important,
		JobRunId:      first,
	})
	must(t, err)
	awaitRun(t, cluster, important, waiting[2], "RUNNING")
	if row := getRun(t, cluster, important, waiting[1]); row.GetState() != "PENDING" || row.GetPriority() != 20 {
		t.Errorf("the lower one is %s, of priority %d", row.GetState(), row.GetPriority())
	}
	if row := getRun(t, cluster, usual, waiting[0]); row.GetState() != "PENDING" || row.GetPriority() != 50 {
		t.Errorf("the usual one is %s, of priority %d", row.GetState(), row.GetPriority())
	}
	_, err = client.StartJobRun(testcluster.Within(t), prior(processRun(usual, 1), 51))
	wantError(t, err, errs.Invalid, "spec.priority", "at most 50")
}
