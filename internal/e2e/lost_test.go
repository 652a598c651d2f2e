package e2e

import (
	"fmt"
	"strings"
	"testing"
	"time"

	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
)

// An executor's node dies: another executor takes its place, and the result is right.
func TestSpark_OutlivesAnExecutorsNode(t *testing.T) {
	t.Parallel()
	c, application := sparkCluster(t, shape{nodes: []string{"a-1", "a-2", "a-3"}, cpu: 4000, lease: 5 * time.Second})
	run, _, dir := c.held(application, 1)
	before := c.running(run, 3, time.Minute)
	lost := elsewhere(t, before)
	c.killNode(lost.GetNodeName())
	eventually(t, 2*time.Minute, "another executor runs", func() error {
		for _, w := range c.workers(run) {
			if w.GetState() == "RUNNING" && w.GetNumber() > 2 && w.GetNodeName() != lost.GetNodeName() {
				return nil
			}
		}
		return fmt.Errorf("workers %v", c.workers(run))
	})
	c.open(dir)
	c.ends(run, "SUCCESS", 2*time.Minute)
	if got := c.output(run); !strings.Contains(got, "sum 6") {
		t.Errorf("output %q", got)
	}
	for _, w := range c.workers(run) {
		if w.GetWorkerId() == lost.GetWorkerId() && w.GetExitReason() != "NODE_LOST" {
			t.Errorf("the executor on the lost node: %v", w)
		}
	}
	if attempts := c.attempts(run); len(attempts) != 1 {
		t.Errorf("attempts %v", attempts)
	}
}

// elsewhere returns a worker that is not on the driver's node.
func elsewhere(t *testing.T, workers []*controlv1.Worker) *controlv1.Worker {
	t.Helper()
	for _, w := range workers[1:] {
		if w.GetNodeName() != workers[0].GetNodeName() {
			return w
		}
	}
	t.Fatalf("all workers are on one node: %v", workers)
	return nil
}

// The driver's node dies: the attempt fails with its reason, and the next one runs in another zone.
func TestSpark_DriversNodeDies(t *testing.T) {
	t.Parallel()
	c, application := sparkCluster(t, shape{
		nodes: []string{"a-1", "a-2", "b-1", "b-2"},
		cpu:   4000,
		lease: 5 * time.Second,
	})
	run, _, dir := c.held(application, 2)
	driver := c.running(run, 3, time.Minute)[0]
	c.killNode(driver.GetNodeName())
	c.open(dir)
	c.ends(run, "SUCCESS", 3*time.Minute)
	if got := c.output(run); !strings.Contains(got, "sum 6") {
		t.Errorf("output %q", got)
	}
	attempts := c.attempts(run)
	if len(attempts) != 2 {
		t.Fatalf("attempts %v", attempts)
	}
	first := attempts[0]
	second := attempts[1]
	if first.GetAttempt() != 1 {
		first, second = second, first
	}
	if first.GetState() != "FAILED" || first.GetFailure().GetKind() != "LOST_NODE" ||
		first.GetFailure().GetMessage() == "" {
		t.Errorf("attempt 1: %v", first)
	}
	if second.GetZone() == first.GetZone() || second.GetZone() == "" {
		t.Errorf("attempt 2 ran in zone %q, attempt 1 in %q", second.GetZone(), first.GetZone())
	}
}
