package server_test

import (
	"strings"
	"testing"

	"github.com/headrace/headrace/internal/simnode"
	"github.com/headrace/headrace/internal/testcluster"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
)

// oneNode is a cluster of one server and one node with a script.
func oneNode(t *testing.T, script simnode.Script) (*testcluster.Cluster, *testcluster.Node, *testcluster.Client) {
	t.Helper()
	cluster := testcluster.Start(t, testcluster.Config{Servers: 1})
	return cluster, cluster.Node(testcluster.NodeConfig{
		Name:   "n1",
		Zone:   "a",
		Script: script,
	}), cluster.Leader().Client()
}

// A cancelled run is CANCELLING until its last worker is gone, which has the grace that was asked for.
func TestCancel_WaitsForTheLastWorker(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	cluster, node, client := oneNode(t, always(simnode.Program{Run: func(w *simnode.Worker) simnode.Exit {
		<-w.Stop
		select {
		case <-release:
		case <-w.Kill:
		}
		return simnode.Exit{Code: 143}
	}}))
	ctx := testcluster.Within(t)
	application := processApplication(t, client)
	run := startRun(t, client, processRun(application, 1))
	awaitRun(t, cluster, application, run, "RUNNING")
	testcluster.Eventually(t, "both workers", func() bool { return len(node.Live()) == 2 })
	for range 2 { // a repetition is a success
		answer, err := client.CancelJobRun(ctx, &controlv1.CancelJobRunRequest{
			ApplicationId: application,
			JobRunId:      run,
			GraceSeconds:  pointer(int64(3600)),
		})
		must(t, err)
		if got := answer.GetJobRun().GetState(); got != "CANCELLING" {
			t.Fatalf("a run with workers that is cancelled is %s", got)
		}
	}
	told, _ := node.Live()[0].Assigned()
	testcluster.Eventually(t, "the stop to be told", func() bool {
		told, _ = node.Live()[0].Assigned()
		return told.GetDesired() == agentv1.Desired_DESIRED_STOP
	})
	if told.GetGraceSeconds() != 3600 {
		t.Errorf("the grace is %d s, not 3600", told.GetGraceSeconds())
	}
	close(release)
	row := awaitRun(t, cluster, application, run, "CANCELLED")
	if row.GetFailure().GetKind() != "CANCELLED" || row.GetLiveWorkers() != 0 {
		t.Errorf("failure %v, %d live workers", row.GetFailure(), row.GetLiveWorkers())
	}
	answer, err := client.CancelJobRun(ctx, &controlv1.CancelJobRunRequest{ApplicationId: application, JobRunId: run})
	must(t, err)
	if got := answer.GetJobRun().GetState(); got != "CANCELLED" {
		t.Errorf("a run that is over and cancelled again is %s", got)
	}
}

func TestCancel_KillsAfterTheGrace(t *testing.T) {
	t.Parallel()
	cluster, _, client := oneNode(t, always(simnode.Stubborn()))
	application := processApplication(t, client)
	run := startRun(t, client, processRun(application, 0))
	awaitRun(t, cluster, application, run, "RUNNING")
	_, err := client.CancelJobRun(testcluster.Within(t), &controlv1.CancelJobRunRequest{
		ApplicationId: application,
		JobRunId:      run,
		GraceSeconds:  pointer(int64(0)),
	})
	must(t, err)
	awaitRun(t, cluster, application, run, "CANCELLED")
}

// An application that is stopped with force goes through STOPPING, and starts again by itself when a run was submitted
// meanwhile.
func TestStopApplication_ForceCancelsAndAStartIsRemembered(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	cluster, _, client := oneNode(t, func(a *agentv1.AssignedWorker) simnode.Program {
		return simnode.Program{Run: func(w *simnode.Worker) simnode.Exit {
			select {
			case <-release:
			case <-w.Kill:
			}
			return simnode.Exit{}
		}}
	})
	ctx := testcluster.Within(t)
	application := processApplication(t, client)
	run := startRun(t, client, processRun(application, 0))
	awaitRun(t, cluster, application, run, "RUNNING")
	stopped, err := client.StopApplication(ctx, &controlv1.StopApplicationRequest{
		ApplicationId: application,
		Force:         true,
	})
	must(t, err)
	if got := stopped.GetApplication().GetState(); got != "STOPPING" {
		t.Fatalf("an application whose run still has a worker is %s", got)
	}
	next := startRun(t, client, processRun(application, 0))
	if wait := explain(t, cluster, application, next, "APPLICATION_NOT_STARTED"); !strings.Contains(wait.GetMessage(),
		"STOPPING") {
		t.Errorf("explained by %q", wait.GetMessage())
	}
	close(release)
	awaitRun(t, cluster, application, run, "CANCELLED")
	awaitRun(t, cluster, application, next, "SUCCESS")
}

func TestFailures_AreNamed(t *testing.T) {
	t.Parallel()
	programs := map[string]simnode.Program{
		"code":   simnode.Exits(3, "it broke"),
		"memory": simnode.OutOfMemory(3 << 30),
	}
	cluster, _, client := oneNode(
		t, func(a *agentv1.AssignedWorker) simnode.Program { return programs[a.GetProcess().GetCommand()[0]] },
	)
	application := processApplication(t, client)
	for command, want := range map[string][2]string{
		"code":   {"USER_ERROR", "exit code 3: it broke"},
		"memory": {"OUT_OF_MEMORY", "3221225472"},
	} {
		request := processRun(application, 0)
		programOf(request).SetCommand([]string{command})
		row := awaitRun(t, cluster, application, startRun(t, client, request), "FAILED")
		if f := row.GetFailure(); f.GetKind() != want[0] || !strings.Contains(f.GetMessage(), want[1]) {
			t.Errorf("%s: failure %v", command, f)
		}
	}
}

// Nodes that refuse to start it are avoided; when three did, the attempt fails with what each said.
func TestStartRefused_NextNodesThenFailure(t *testing.T) {
	t.Parallel()
	cluster := testcluster.Start(t, testcluster.Config{Servers: 1})
	for _, name := range []string{"n1", "n2", "n3", "n4"} {
		cluster.Node(testcluster.NodeConfig{
			Name:   name,
			Zone:   "a",
			Script: always(simnode.Refuses("disk full on " + name)),
		})
	}
	client := cluster.Leader().Client()
	application := processApplication(t, client)
	run := startRun(t, client, processRun(application, 0))
	row := awaitRun(t, cluster, application, run, "FAILED")
	if row.GetFailure().GetKind() != "START_REFUSED" ||
		strings.Count(row.GetFailure().GetMessage(), "disk full on") != 3 ||
		row.GetAttempt() != 1 {
		t.Errorf("attempt %d, failure %v", row.GetAttempt(), row.GetFailure())
	}
}
