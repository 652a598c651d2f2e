package server_test

import (
	"slices"
	"sync"
	"testing"

	"google.golang.org/grpc/metadata"

	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/simnode"
	"github.com/headrace/headrace/internal/testcluster"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
)

// One cluster without nodes serves all tests of the API's shape.
func TestAPI(t *testing.T) {
	t.Parallel()
	cluster := testcluster.Start(t, testcluster.Config{})
	t.Run("a write on any server is read at once on any other", func(t *testing.T) { readsOwnWrites(t, cluster) })
	t.Run("stale reads arrive in the end", func(t *testing.T) { staleReads(t, cluster) })
	t.Run("a client token makes one run, however often it comes", func(t *testing.T) { oneTokenOneRun(t, cluster) })
	t.Run("a request id makes one run", func(t *testing.T) { oneRequestOneRun(t, cluster) })
	t.Run("pages stay right while items come", func(t *testing.T) { pagesStayRight(t, cluster) })
	t.Run("applications start, stop and are deleted", func(t *testing.T) { applicationLife(t, cluster) })
	t.Run("bad input is named", func(t *testing.T) { badInput(t, cluster) })
	t.Run("bad lists are named", func(t *testing.T) { badLists(t, cluster) })
}

func readsOwnWrites(t *testing.T, cluster *testcluster.Cluster) {
	ctx := testcluster.Within(t)
	for i, written := range cluster.Servers {
		application := processApplication(t, written.Client())
		run := startRun(t, written.Client(), processRun(application, 0))
		read := cluster.Servers[(i+1)%len(cluster.Servers)].Client()
		got, err := read.GetApplication(ctx, &controlv1.GetApplicationRequest{ApplicationId: application})
		must(t, err)
		a := got.GetApplication()
		if a.GetState() != "STARTED" || a.GetUnfinishedRuns() != 1 || a.GetSpec().GetReleaseLabel() != "process" {
			t.Errorf("application %v", a)
		}
		row, err := read.GetJobRun(ctx, &controlv1.GetJobRunRequest{ApplicationId: application, JobRunId: run})
		must(t, err)
		r := row.GetJobRun()
		command := r.GetSpec().GetDriver().GetProcess().GetCommand()
		if r.GetState() != "PENDING" || r.GetAttempt() != 1 || !slices.Equal(command, []string{"driver"}) {
			t.Errorf("run %v", r)
		}
	}
}

func staleReads(t *testing.T, cluster *testcluster.Cluster) {
	ctx := testcluster.Within(t)
	application := processApplication(t, cluster.Leader().Client())
	follower := cluster.Follower().Client()
	testcluster.Eventually(t, "the follower to have the application", func() bool {
		_, err := follower.GetApplication(ctx, &controlv1.GetApplicationRequest{
			ApplicationId: application,
			Stale:         true,
		})
		return err == nil
	})
}

func oneTokenOneRun(t *testing.T, cluster *testcluster.Cluster) {
	ctx := testcluster.Within(t)
	application := processApplication(t, cluster.Leader().Client())
	request := processRun(application, 0)
	request.ClientToken = "the-token"
	var group sync.WaitGroup
	var mu sync.Mutex
	runs := map[string]int{}
	for i := range 100 {
		group.Go(func() {
			answer, err := cluster.Servers[i%len(cluster.Servers)].Client().StartJobRun(ctx, request)
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				t.Error(err)
			}
			runs[answer.GetJobRun().GetJobRunId()]++
		})
	}
	group.Wait()
	list, err := cluster.Follower().Client().ListJobRuns(ctx, &controlv1.ListJobRunsRequest{ApplicationId: application})
	must(t, err)
	if len(runs) != 1 || len(list.GetJobRuns()) != 1 {
		t.Fatalf("100 requests of one token answered %v and made %d runs", runs, len(list.GetJobRuns()))
	}
	request.GetSpec().SetName("another")
	_, err = cluster.Follower().Client().StartJobRun(ctx, request)
	wantError(t, err, errs.Conflict, "", "the-token", list.GetJobRuns()[0].GetJobRunId())
}

func oneRequestOneRun(t *testing.T, cluster *testcluster.Cluster) {
	ctx := metadata.AppendToOutgoingContext(testcluster.Within(t), "headrace-request-id", "request-1")
	application := processApplication(t, cluster.Leader().Client())
	runs := map[string]bool{}
	for _, s := range cluster.Servers {
		answer, err := s.Client().StartJobRun(ctx, processRun(application, 0))
		must(t, err)
		runs[answer.GetJobRun().GetJobRunId()] = true
	}
	if len(runs) != 1 {
		t.Errorf("one request id made runs %v", runs)
	}
}

// pagesStayRight walks through pages while runs are added: each that was there when the walk began is seen exactly
// once.
func pagesStayRight(t *testing.T, cluster *testcluster.Cluster) {
	ctx := testcluster.Within(t)
	client := cluster.Follower().Client()
	application := processApplication(t, client)
	want := map[string]bool{}
	for range 10 {
		want[startRun(t, client, processRun(application, 0))] = true
	}
	seen := map[string]int{}
	token := ""
	for {
		page, err := client.ListJobRuns(ctx, &controlv1.ListJobRunsRequest{
			ApplicationId: application,
			MaxResults:    3,
			NextToken:     token,
		})
		must(t, err)
		if len(page.GetJobRuns()) > 3 {
			t.Fatalf("a page of 3 has %d", len(page.GetJobRuns()))
		}
		for _, r := range page.GetJobRuns() {
			seen[r.GetJobRunId()]++
		}
		startRun(t, client, processRun(application, 0))
		if token = page.GetNextToken(); token == "" {
			break
		}
	}
	for run := range want {
		if seen[run] != 1 {
			t.Errorf("run %s was listed %d times", run, seen[run])
		}
	}
	if len(seen) != len(want) {
		t.Errorf("%d runs were listed, %d were there", len(seen), len(want))
	}
}

func applicationLife(t *testing.T, cluster *testcluster.Cluster) {
	ctx := testcluster.Within(t)
	client := cluster.Follower().Client()
	application := createApplication(t, client, specv1.Application_builder{
		Engine:    new(specv1.Engine_ENGINE_PROCESS),
		AutoStart: specv1.AutoStart_builder{Enabled: new(false)}.Build(),
	}.Build())
	_, err := client.StartJobRun(ctx, processRun(application, 0))
	wantError(t, err, errs.WrongState, "", "CREATED", "start it first")
	started, err := client.StartApplication(ctx, &controlv1.StartApplicationRequest{ApplicationId: application})
	must(t, err)
	if got := started.GetApplication().GetState(); got != "STARTED" {
		t.Errorf("a started application is %s", got)
	}
	_, err = client.DeleteApplication(ctx, &controlv1.DeleteApplicationRequest{ApplicationId: application})
	wantError(t, err, errs.WrongState, "", "STARTED", "stop it first")
	run := startRun(t, client, processRun(application, 0))
	_, err = client.StopApplication(ctx, &controlv1.StopApplicationRequest{ApplicationId: application})
	wantError(t, err, errs.WrongState, "", "1 unfinished")
	stopped, err := client.StopApplication(ctx, &controlv1.StopApplicationRequest{
		ApplicationId: application,
		Force:         true,
	})
	must(t, err)
	if got := stopped.GetApplication().GetState(); got != "STOPPED" {
		t.Errorf("an application without workers that is stopped with force is %s", got)
	}
	if got := getRun(t, cluster, application, run); got.GetState() != "CANCELLED" ||
		got.GetFailure().GetKind() != "CANCELLED" {
		t.Errorf("its run is %s, %v", got.GetState(), got.GetFailure())
	}
	for range 2 { // a repetition is a success
		_, err = client.DeleteApplication(ctx, &controlv1.DeleteApplicationRequest{ApplicationId: application})
		must(t, err)
	}
	wantTombstone(t, client, application)
}

func wantTombstone(t *testing.T, client *testcluster.Client, application string) {
	t.Helper()
	ctx := testcluster.Within(t)
	got, err := client.GetApplication(ctx, &controlv1.GetApplicationRequest{ApplicationId: application})
	must(t, err)
	if got.GetApplication().GetState() != "TERMINATED" {
		t.Errorf("a deleted application is %s", got.GetApplication().GetState())
	}
	list, err := client.ListApplications(ctx, &controlv1.ListApplicationsRequest{})
	must(t, err)
	for _, a := range list.GetApplications() {
		if a.GetApplicationId() == application {
			t.Error("a deleted application is listed without being asked for")
		}
	}
	_, err = client.StartJobRun(ctx, processRun(application, 0))
	wantError(t, err, errs.WrongState, "", application, "deleted")
}

func TestAPI_AutoStartWakesAStoppedApplication(t *testing.T) {
	t.Parallel()
	cluster := testcluster.Start(t, testcluster.Config{Servers: 1})
	ctx := testcluster.Within(t)
	client := cluster.Leader().Client()
	cluster.Node(testcluster.NodeConfig{Name: "n1", Zone: "a", Script: always(simnode.Exits(0, ""))})
	application := processApplication(t, client)
	for range 2 {
		run := startRun(t, client, processRun(application, 0))
		awaitRun(t, cluster, application, run, "SUCCESS")
		testcluster.Eventually(t, "the application to be stopped", func() bool {
			answer, err := client.StopApplication(ctx, &controlv1.StopApplicationRequest{ApplicationId: application})
			must(t, err)
			return answer.GetApplication().GetState() == "STOPPED"
		})
	}
	noFaults(t, cluster)
}
