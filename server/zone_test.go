package server_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/headrace/headrace/internal/simnode"
	"github.com/headrace/headrace/internal/testcluster"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
)

// A zone with everything in it loses power while 60 PROCESS runs and a Spark run are in flight: all of them go on in
// other zones and end once, none ever ran twice at once, and pre-initialised workers are made ready elsewhere.
func TestZone_WhatWasInALostOneEndsElsewhereOnce(t *testing.T) {
	t.Parallel()
	const runs = 60
	z := newZonal(t)
	pool := warmApplication(t, z.cluster.Leader().Client(), 3, 3)
	awaitApplication(t, z.cluster, pool, "STARTED")
	processes := z.submit(runs)
	spark := createApplication(t, z.cluster.Leader().Client(), sparkSpec("emr-7.2.0"))
	inFlight := startRun(t, z.cluster.Leader().Client(), retried(smallSpark(spark), 2))
	awaitRun(t, z.cluster, spark, inFlight, "RUNNING")
	z.awaitRunning(processes)

	lost := z.of(processes[0])
	began := time.Now()
	z.crash(lost)
	z.awaitElsewhere(processes, lost)
	took := time.Since(began).Round(time.Millisecond)
	t.Logf("%d runs run again, %s after their zone was lost", z.again(processes), took)
	awaitSlots(t, 6, z.others(lost)...)
	close(z.done)
	for _, run := range processes {
		awaitRun(t, z.cluster, z.application, run, "SUCCESS")
	}
	awaitRun(t, z.cluster, spark, inFlight, "SUCCESS")
	wantEndsOnce(t, z.cluster, z.application, processes, 2)
	noFaults(t, z.cluster)
}

// A zone comes and goes, while the others have room for everything: only what was in it moves, each time, and nothing
// else.
func TestZone_ThatFlapsMovesOnlyWhatIsInIt(t *testing.T) {
	t.Parallel()
	const runs, flaps = 30, 3
	z := newZonal(t)
	processes := z.submit(runs)
	z.awaitRunning(processes)
	zone := z.of(processes[0])
	moved := 0
	for range flaps {
		moved += z.in(processes, zone)
		z.crash(zone)
		z.awaitElsewhere(processes, zone)
		for _, n := range z.nodes[zone] {
			n.Heal()
			z.cluster.AwaitNode(n, "READY")
		}
	}
	close(z.done)
	attempts := 0
	for _, run := range processes {
		attempts += int(awaitRun(t, z.cluster, z.application, run, "SUCCESS").GetAttempt())
	}
	if attempts != runs+moved {
		t.Errorf("%d runs had %d attempts, and %d were in a zone that was lost", runs, attempts, moved)
	}
	noFaults(t, z.cluster)
}

// zonal is a cluster with two nodes in each of three zones, any two of which hold all that runs.
type zonal struct {
	t           *testing.T
	cluster     *testcluster.Cluster
	nodes       map[string][]*testcluster.Node
	application string
	done        chan struct{} // drivers end once it is closed
}

func newZonal(t *testing.T) *zonal {
	z := &zonal{
		t:       t,
		cluster: testcluster.Start(t, testcluster.Config{Lease: 2 * time.Second}),
		nodes:   map[string][]*testcluster.Node{},
		done:    make(chan struct{}),
	}
	for i := range 6 {
		zone := "abc"[i%3 : i%3+1]
		z.nodes[zone] = append(z.nodes[zone], z.cluster.Node(testcluster.NodeConfig{
			Name:      fmt.Sprintf("n%d", i),
			Zone:      zone,
			MilliCPU:  60_000,
			MemoryMiB: 240 << 10,
			DiskMiB:   4 << 20,
			Releases:  held,
			Script:    z.program,
		}))
	}
	z.application = processApplication(t, z.cluster.Leader().Client())
	return z
}

// program has drivers run until done, and their tasks and executors until these have ended.
func (z *zonal) program(a *agentv1.AssignedWorker) simnode.Program {
	if a.GetNumber() > 0 {
		return simnode.Hangs()
	}
	return simnode.RunsUntil(z.done)
}

// submit starts so many runs of a driver and two tasks, which may be tried again often.
func (z *zonal) submit(count int) (runs []string) {
	for range count {
		runs = append(runs, startRun(z.t, z.cluster.Leader().Client(), retried(processRun(z.application, 2), 10)))
	}
	return runs
}

func (z *zonal) awaitRunning(runs []string) {
	z.t.Helper()
	for _, run := range runs {
		awaitRun(z.t, z.cluster, z.application, run, "RUNNING")
	}
}

// crash has all nodes of a zone lose power, and waits until the cluster takes them for lost.
func (z *zonal) crash(zone string) {
	z.t.Helper()
	for _, n := range z.nodes[zone] {
		n.Crash()
	}
	for _, n := range z.nodes[zone] {
		z.cluster.AwaitNode(n, "LOST")
	}
}

// awaitElsewhere waits until runs run, none of them in a zone.
func (z *zonal) awaitElsewhere(runs []string, zone string) {
	z.t.Helper()
	for _, run := range runs {
		awaitRun(z.t, z.cluster, z.application, run, "RUNNING")
		if z.of(run) == zone {
			z.t.Fatalf("run %s runs in zone %s, which is lost", run, zone)
		}
	}
}

// of returns the zone of a run's newest attempt.
func (z *zonal) of(run string) string {
	attempts := attemptsOf(z.t, z.cluster, z.application, run)
	return attempts[len(attempts)-1].GetZone()
}

// in counts the runs in a zone.
func (z *zonal) in(runs []string, zone string) (count int) {
	for _, run := range runs {
		if z.of(run) == zone {
			count++
		}
	}
	return count
}

// again counts the runs that are not in their first attempt.
func (z *zonal) again(runs []string) (count int) {
	for _, run := range runs {
		if getRun(z.t, z.cluster, z.application, run).GetAttempt() > 1 {
			count++
		}
	}
	return count
}

// others are the nodes of all zones but one.
func (z *zonal) others(zone string) (nodes []*testcluster.Node) {
	for name, in := range z.nodes {
		if name != zone {
			nodes = append(nodes, in...)
		}
	}
	return nodes
}
