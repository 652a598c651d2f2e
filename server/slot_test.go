package server_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/headrace/headrace/internal/simnode"
	"github.com/headrace/headrace/internal/testcluster"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
)

// ready is initial capacity of so many drivers and others of 1 vCPU and 2 GB.
func ready(drivers int64, other string, others int64) map[string]*specv1.InitialCapacity {
	size := specv1.WorkerSize_builder{
		MilliCpu:  new(int64(1000)),
		MemoryMib: new(int64(2048)),
		DiskMib:   new(int64(20 << 10)),
	}.Build()
	entries := map[string]*specv1.InitialCapacity{}
	for name, count := range map[string]int64{"Driver": drivers, other: others} {
		if count > 0 {
			entries[name] = specv1.InitialCapacity_builder{WorkerCount: &count, WorkerSize: size}.Build()
		}
	}
	return entries
}

// warmSpec is an application of the PROCESS engine with workers held ready.
func warmSpec(drivers, tasks int64) *specv1.Application {
	spec := processSpec("warm")
	spec.SetInitialCapacity(ready(drivers, "Task", tasks))
	return spec
}

// warmApplication creates an application of the PROCESS engine with workers held ready, and asks for its start.
func warmApplication(t *testing.T, c *testcluster.Client, drivers, tasks int64) string {
	t.Helper()
	application := createApplication(t, c, warmSpec(drivers, tasks))
	startApplication(t, c, application)
	return application
}

// warmSpark creates an application of the SPARK engine with workers held ready, for which nodes bring a release, and
// asks for its start.
func warmSpark(t *testing.T, c *testcluster.Client, drivers, executors int64) string {
	t.Helper()
	spec := sparkSpec("emr-7.2.0")
	spec.SetInitialCapacity(ready(drivers, "Executor", executors))
	application := createApplication(t, c, spec)
	startApplication(t, c, application)
	return application
}

// smallSpark is a Spark run whose driver and one executor fit into what warmSpark holds ready.
func smallSpark(application string) *runRequest {
	return sparkRun(application, "--conf spark.driver.cores=1 --conf spark.driver.memory=1g "+
		"--conf spark.executor.cores=1 --conf spark.executor.memory=1g --conf spark.executor.instances=1")
}

func startApplication(t *testing.T, c *testcluster.Client, application string) {
	t.Helper()
	_, err := c.StartApplication(testcluster.Within(t), &controlv1.StartApplicationRequest{ApplicationId: application})
	must(t, err)
}

func getApplication(t testing.TB, cluster *testcluster.Cluster, id string) *controlv1.Application {
	t.Helper()
	ctx := testcluster.Within(t)
	var row *controlv1.Application
	must(t, cluster.Anywhere(ctx, func(c *testcluster.Client) error {
		r, err := c.GetApplication(ctx, &controlv1.GetApplicationRequest{ApplicationId: id})
		row = r.GetApplication()
		return err
	}))
	return row
}

// awaitApplication waits until an application is in a state.
func awaitApplication(t testing.TB, cluster *testcluster.Cluster, id, state string) *controlv1.Application {
	t.Helper()
	var row *controlv1.Application
	testcluster.Eventually(t, "application "+id+" to be "+state, func() bool {
		row = getApplication(t, cluster, id)
		return row.GetState() == state
	})
	return row
}

// awaitSlots waits until the nodes hold so many slots together.
func awaitSlots(t *testing.T, want int, nodes ...*testcluster.Node) {
	t.Helper()
	testcluster.Eventually(t, "slots", func() bool {
		held := 0
		for _, n := range nodes {
			held += len(n.Slots())
		}
		return held == want
	})
}

// held are the releases of nodes that run Spark.
var held = []string{"emr-7.2.0"}

// slowly has nodes bring releases until done is closed.
func slowly(done <-chan struct{}) func(context.Context, string) error {
	return func(ctx context.Context, _ string) error {
		select {
		case <-done:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// An application with initial capacity is STARTED only when every slot is ready; a run that came before waits for just
// that.
func TestSlots_StartedOnlyWhenAllAreReady(t *testing.T) {
	t.Parallel()
	cluster := testcluster.Start(t, testcluster.Config{Servers: 1})
	quick := cluster.Node(testcluster.NodeConfig{
		Name:     "n1",
		Zone:     "a",
		Releases: held,
		MilliCPU: 2000,
		Script:   always(simnode.Exits(0, "")),
	})
	done := make(chan struct{})
	slow := cluster.Node(testcluster.NodeConfig{
		Name:     "n2",
		Zone:     "b",
		Releases: held,
		MilliCPU: 2000,
		Script:   always(simnode.Exits(0, "")),
		Prepare:  slowly(done),
	})
	client := cluster.Leader().Client()
	application := warmSpark(t, client, 1, 2) // more than one node holds
	awaitSlots(t, 3, quick, slow)
	run := startRun(t, client, smallSpark(application))
	wait := explain(t, cluster, application, run, "APPLICATION_NOT_STARTED")
	if !strings.Contains(wait.GetMessage(), "STARTING") {
		t.Errorf("explained by %q", wait.GetMessage())
	}
	if got := getApplication(t, cluster, application).GetState(); got != "STARTING" {
		t.Fatalf("while slots are prepared the application is %s", got)
	}
	close(done)
	awaitApplication(t, cluster, application, "STARTED")
	awaitRun(t, cluster, application, run, "SUCCESS")
}

func TestSlots_RefusedByOneNodeArePreparedByAnother(t *testing.T) {
	t.Parallel()
	cluster := testcluster.Start(t, testcluster.Config{Servers: 1})
	bad := cluster.Node(testcluster.NodeConfig{
		Name:     "bad",
		Zone:     "a",
		Releases: held,
		Script:   always(simnode.Hangs()),
		Prepare:  func(context.Context, string) error { return errors.New("the disk is full") },
	})
	client := cluster.Leader().Client()
	application := warmSpark(t, client, 1, 1)
	wait := func() bool {
		answer := getApplication(t, cluster, application)
		return answer.GetState() == "STARTING" && answer.GetUsed().GetMilliCpu() == 0 && len(bad.Slots()) == 0
	}
	testcluster.Eventually(t, "the slots to be given up", wait)
	good := cluster.Node(testcluster.NodeConfig{
		Name:     "good",
		Zone:     "a",
		Releases: held,
		Script:   always(simnode.Hangs()),
	})
	awaitApplication(t, cluster, application, "STARTED")
	if len(good.Slots()) != 2 || len(bad.Slots()) != 0 {
		t.Errorf("%d slots on the good node, %d on the bad one", len(good.Slots()), len(bad.Slots()))
	}
}

// The node of slots is lost: they are replaced elsewhere, while the application stays STARTED.
func TestSlots_OfALostNodeAreReplacedElsewhere(t *testing.T) {
	t.Parallel()
	cluster := testcluster.Start(t, testcluster.Config{Servers: 1, Lease: shortLease})
	lost := cluster.Node(testcluster.NodeConfig{Name: "n1", Zone: "a", Script: always(simnode.Hangs())})
	application := warmApplication(t, cluster.Leader().Client(), 1, 2)
	awaitApplication(t, cluster, application, "STARTED")
	other := cluster.Node(testcluster.NodeConfig{Name: "n2", Zone: "b", Script: always(simnode.Hangs())})
	if n := len(other.Slots()); n != 0 {
		t.Errorf("%d slots moved without need", n)
	}
	lost.Crash()
	awaitSlots(t, 3, other)
	if row := getApplication(t, cluster, application); row.GetState() != "STARTED" {
		t.Errorf("the application is %s", row.GetState())
	}
}

// The leader goes while slots are prepared: its successor hears of them again, and the application is STARTED.
func TestSlots_LeaderKilledWhileStarting(t *testing.T) {
	t.Parallel()
	cluster := testcluster.Start(t, testcluster.Config{})
	done := make(chan struct{})
	node := cluster.Node(testcluster.NodeConfig{
		Name:     "n1",
		Zone:     "a",
		Releases: held,
		Script:   always(simnode.Exits(0, "")),
		Prepare:  slowly(done),
	})
	leader := cluster.Leader()
	application := warmSpark(t, leader.Client(), 1, 2)
	awaitSlots(t, 3, node)
	before := node.Slots()
	leader.Stop()
	cluster.Leader(leader)
	if row := getApplication(t, cluster, application); row.GetState() != "STARTING" {
		t.Errorf("under the new leader the application is %s", row.GetState())
	}
	close(done)
	awaitApplication(t, cluster, application, "STARTED")
	for i, slot := range node.Slots() {
		if slot.GetSlotId() != before[i].GetSlotId() {
			t.Errorf("slot %s was reserved again as %s", before[i].GetSlotId(), slot.GetSlotId())
		}
	}
	run := startRun(t, cluster.Leader(leader).Client(), smallSpark(application))
	awaitRun(t, cluster, application, run, "SUCCESS")
}

func TestSlots_StopReleasesEverything(t *testing.T) {
	t.Parallel()
	cluster, node, client := oneNode(t, always(simnode.Hangs()))
	application := warmApplication(t, client, 1, 2)
	awaitApplication(t, cluster, application, "STARTED")
	awaitSlots(t, 3, node)
	run := startRun(t, client, processRun(application, 1))
	awaitRun(t, cluster, application, run, "RUNNING")
	_, err := client.StopApplication(testcluster.Within(t), &controlv1.StopApplicationRequest{
		ApplicationId: application,
		Force:         true,
	})
	must(t, err)
	row := awaitApplication(t, cluster, application, "STOPPED")
	if row.GetUsed().GetMilliCpu() != 0 || row.GetUsed().GetMemoryMib() != 0 {
		t.Errorf("stopped it holds %v", row.GetUsed())
	}
	awaitSlots(t, 0, node)
	awaitRun(t, cluster, application, run, "CANCELLED")
}

// slotsOf returns the slots that the live workers of a node are in; empty for one in a slot of its own.
func slotsOf(node *testcluster.Node) (slots []string) {
	for _, w := range node.Live() {
		a, _ := w.Assigned()
		slots = append(slots, a.GetSlotId())
	}
	slices.Sort(slots)
	return slots
}
