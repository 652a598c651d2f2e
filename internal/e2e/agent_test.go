package e2e

import (
	"errors"
	"fmt"
	"io"
	"testing"
	"time"

	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
)

// waits is a shell script that tells that it began, and ends when the file go is there.
const waits = `echo "$HEADRACE_WORKER_ID $$" >> %[1]s/began; until [ -e %[1]s/go ]; do sleep 0.1; done`

// An agent is killed and started again: its workers go on as the processes that they were.
func TestAgent_RestartLeavesWorkers(t *testing.T) {
	c := newCluster(t, shape{nodes: []string{"a-1"}, cpu: 4000})
	request := script(fmt.Sprintf(waits, c.dir))
	request.GetProcess().Tasks, request.GetProcess().TaskSize = 2, small
	run := c.submit(c.application(controlv1.Engine_ENGINE_PROCESS, ""), request)
	before := c.running(run, 3, time.Minute)
	began := c.file(c.path("began"), 3, time.Minute)

	agent := c.agents["a-1"]
	agent.kill()
	agent.start()
	c.connected(run, began)
	c.open(c.dir)
	c.ends(run, "SUCCESS", time.Minute)
	if after := c.file(c.path("began"), 3, time.Minute); len(after) != 3 {
		t.Errorf("programs were started again: %v", after)
	}
	if after := c.workers(run); len(after) != len(before) {
		t.Errorf("workers %v", after)
	}
}

// connected waits until a restarted agent serves its node again, and checks that a run's workers are the same processes.
func (c *cluster) connected(run *controlv1.JobRun, began []string) {
	c.t.Helper()
	eventually(c.t, time.Minute, "the agent is back", func() error {
		if _, err := c.readLog(run, 1, "stdout"); !errors.Is(err, io.EOF) { // only an agent with a session can serve it
			return err
		}
		return nil
	})
	for _, line := range began {
		var id string
		var pid int
		if _, err := fmt.Sscan(line, &id, &pid); err != nil {
			c.t.Fatalf("line %q: %v", line, err)
		}
		found := false
		for _, p := range workerProcs(id) {
			found = found || p.pid == pid
		}
		if !found {
			c.t.Errorf("worker %s is no longer process %d: %v", id, pid, workerProcs(id))
		}
	}
}
