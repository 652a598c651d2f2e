package server_test

import (
	"context"
	"io"
	"slices"
	"testing"

	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/simnode"
	"github.com/headrace/headrace/internal/testcluster"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
)

// watch reads events of a server until one is the last that is wanted.
func watch(t *testing.T, c *testcluster.Client, r *watchRequest, last func(*watchedEvent) bool) (seen []*watchedEvent) {
	t.Helper()
	ctx, cancel := context.WithCancel(testcluster.Within(t))
	defer cancel()
	stream, err := c.WatchEvents(ctx, r)
	must(t, err)
	for len(seen) == 0 || !last(seen[len(seen)-1]) {
		m, err := stream.Recv()
		if err != nil {
			t.Fatalf("after %d events: %v", len(seen), err)
		}
		seen = append(seen, m)
	}
	return seen
}

func ended(m *watchedEvent) bool { return m.GetKind() == "JobRunEnded" }

func kinds(events []*watchedEvent) (all []string) {
	for _, m := range events {
		all = append(all, m.GetKind())
	}
	return all
}

// ahead says whether a lies before b, or at it.
func ahead(a, b *controlv1.Position) bool {
	return a.GetRecord() < b.GetRecord() || a.GetRecord() == b.GetRecord() && a.GetEvent() <= b.GetEvent()
}

func TestWatchEvents_TellTheLifeOfARunInOrder(t *testing.T) {
	t.Parallel()
	cluster := testcluster.Start(t, testcluster.Config{})
	finish := make(chan struct{})
	node := cluster.Node(testcluster.NodeConfig{Name: "n1", Zone: "a", Script: always(simnode.RunsUntil(finish))})
	client := cluster.Follower().Client()
	application := processApplication(t, client)
	run := startRun(t, client, processRun(application, 0))
	awaitRun(t, cluster, application, run, "RUNNING")
	close(finish)
	awaitRun(t, cluster, application, run, "SUCCESS")

	start := &controlv1.Position{Record: 1}
	var first []*watchedEvent
	for _, s := range cluster.Servers { // the same on every server
		seen := watch(t, s.Client(), &watchRequest{From: start, JobRunId: run}, ended)
		want := []string{
			"JobRunSubmitted",
			"JobRunAdmitted",
			"AttemptScheduled",
			"WorkersPlaced",
			"WorkerRunning",
			"AttemptRunning",
			"WorkerEnded",
			"AttemptEnded",
			"JobRunEnded",
		}
		if got := kinds(seen); !slices.Equal(got, want) {
			t.Fatalf("%s tells %v, want %v", s.ID(), got, want)
		}
		for i, m := range seen {
			if i > 0 && !ahead(seen[i-1].GetNext(), m.GetPosition()) {
				t.Errorf("%s: event %d is at %v, behind one whose next is %v",
					s.ID(), i, m.GetPosition(), seen[i-1].GetNext())
			}
			if first != nil && first[i].GetPosition().String() != m.GetPosition().String() {
				t.Errorf("%s: event %d is at %v, elsewhere at %v", s.ID(), i, m.GetPosition(), first[i].GetPosition())
			}
			if m.GetApplicationId() != application || m.GetAttempt() != 1 || !m.GetTime().IsValid() {
				t.Errorf("event %v", m)
			}
		}
		first = seen
	}
	states := []string{
		first[0].GetState(),
		first[1].GetState(),
		first[2].GetState(),
		first[5].GetState(),
		first[8].GetState(),
	}
	if want := []string{"SUBMITTED", "PENDING", "SCHEDULED", "RUNNING", "SUCCESS"}; !slices.Equal(states, want) {
		t.Errorf("states %v, want %v", states, want)
	}
	goOnFromAnywhere(t, client, run, first)
	watchFilters(t, client, node, application)
}

// goOnFromAnywhere reads on from behind each event, as a client does whose connection broke.
func goOnFromAnywhere(t *testing.T, client *testcluster.Client, run string, all []*watchedEvent) {
	t.Helper()
	for i := range all[:len(all)-1] {
		rest := watch(t, client, &watchRequest{From: all[i].GetNext(), JobRunId: run}, ended)
		if !slices.Equal(kinds(rest), kinds(all[i+1:])) {
			t.Errorf("behind event %d: %v", i, kinds(rest))
		}
	}
}

func watchFilters(t *testing.T, client *testcluster.Client, node *testcluster.Node, application string) {
	t.Helper()
	start := &controlv1.Position{Record: 1}
	ofNode := watch(t, client, &watchRequest{
		From:   start,
		NodeId: node.ID,
	}, func(m *watchedEvent) bool { return m.GetKind() == "WorkerEnded" })
	want := []string{"NodeRegistered", "NodeJoined", "WorkersPlaced", "WorkerRunning", "WorkerEnded"}
	if got := kinds(ofNode); !slices.Equal(got, want) {
		t.Errorf("of the node: %v, want %v", got, want)
	}
	ofApplication := watch(t, client, &watchRequest{From: start, ApplicationId: application}, ended)
	if got := kinds(ofApplication)[0]; got != "ApplicationCreated" {
		t.Errorf("of the application first %s", got)
	}
	stream, err := client.WatchEvents(testcluster.Within(t), &watchRequest{From: &controlv1.Position{Record: 1 << 40}})
	must(t, err)
	_, err = stream.Recv()
	wantError(t, err, errs.Invalid, "from.record", "1099511627776")
}

func TestReadLog_ThroughAFollower(t *testing.T) {
	t.Parallel()
	cluster := testcluster.Start(t, testcluster.Config{})
	finish := make(chan struct{})
	workers := make(chan *simnode.Worker, 1)
	cluster.Node(testcluster.NodeConfig{
		Name: "n1",
		Zone: "a",
		Script: always(simnode.Program{Run: func(w *simnode.Worker) simnode.Exit {
			w.Print("stdout", "one\n")
			workers <- w
			return simnode.RunsUntil(finish).Run(w)
		}}),
	})
	client := cluster.Follower().Client()
	application := processApplication(t, client)
	run := startRun(t, client, processRun(application, 0))
	awaitRun(t, cluster, application, run, "RUNNING")
	worker := <-workers

	read := func(ctx context.Context, follow bool, offset int64) controlv1.JobRunService_ReadLogClient {
		stream, err := client.ReadLog(ctx, &controlv1.ReadLogRequest{
			ApplicationId: application,
			JobRunId:      run,
			Stream:        "stdout",
			Follow:        follow,
			Offset:        offset,
		})
		must(t, err)
		return stream
	}
	if got := all(t, read(testcluster.Within(t), false, 1)); got != "ne\n" {
		t.Errorf("from 1 on it reads %q", got)
	}
	followed := read(testcluster.Within(t), true, 0)
	part, err := followed.Recv()
	must(t, err)
	worker.Print("stdout", "two\n")
	next, err := followed.Recv()
	must(t, err)
	if string(part.GetData())+string(next.GetData()) != "one\ntwo\n" || next.GetOffset() != 4 {
		t.Errorf("followed %v, %v", part, next)
	}

	// A reader that goes away while nothing is printed leaves nothing behind.
	gone, cancel := context.WithCancel(testcluster.Within(t))
	left := read(gone, true, 0)
	_, err = left.Recv()
	must(t, err)
	testcluster.Eventually(t, "two data streams", func() bool { return worker.Readers() == 2 })
	cancel()
	testcluster.Eventually(t, "one data stream", func() bool { return worker.Readers() == 1 })

	close(finish)
	if rest := all(t, followed); rest != "" {
		t.Errorf("then it reads %q", rest)
	}
	awaitRun(t, cluster, application, run, "SUCCESS")
}

// all reads a log to its end.
func all(t *testing.T, stream controlv1.JobRunService_ReadLogClient) (text string) {
	t.Helper()
	for {
		part, err := stream.Recv()
		if err == io.EOF {
			return text
		}
		must(t, err)
		text += string(part.GetData())
	}
}
