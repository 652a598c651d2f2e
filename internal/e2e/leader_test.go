package e2e

import (
	"strings"
	"testing"
	"time"

	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
)

// A Spark run outlives its leader, and nothing of it is started again.
func TestSpark_OutlivesItsLeader(t *testing.T) {
	c, application := sparkCluster(t, shape{nodes: []string{"a-1", "a-2"}, cpu: 4000})
	run, record, dir := c.held(application, 1)
	dead := c.killLeader()
	c.ready(2)
	c.open(dir)
	c.ends(run, "SUCCESS", 2*time.Minute)
	if got := c.output(run); !strings.Contains(got, "sum 6") {
		t.Errorf("output %q", got)
	}
	c.startedOnce(run, record, 3)
	dead.start()
	eventually(t, time.Minute, "the dead server is back", func() error { return c.allAlive() })
}

// startedOnce checks that each worker of a run was placed and started once, by the events and by the state.
func (c *cluster) startedOnce(run *controlv1.JobRun, record uint64, count int) {
	c.t.Helper()
	started := map[string]int{}
	for _, event := range c.events(run, record) {
		if event.GetKind() == "WorkerRunning" {
			started[event.GetWorkerId()]++
		}
	}
	epochs := map[uint32][]uint32{}
	for _, w := range c.workers(run) {
		epochs[w.GetNumber()] = append(epochs[w.GetNumber()], w.GetEpoch())
		if started[w.GetWorkerId()] != 1 {
			c.t.Errorf("worker %d was told running %d times", w.GetNumber(), started[w.GetWorkerId()])
		}
	}
	for number, all := range epochs {
		if len(all) != 1 {
			c.t.Errorf("worker %d had epochs %v", number, all)
		}
	}
	if len(epochs) != count || len(started) != count {
		c.t.Errorf("%d workers, %d started, not %d", len(epochs), len(started), count)
	}
}
