package e2e

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"testing"
	"time"

	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
)

// waits is a shell script that tells that it began, and ends when the file go is there.
const waits = `echo "$HEADRACE_WORKER_ID" >> %[1]s/began; until [ -e %[1]s/go ]; do sleep 0.1; done`

// An agent is killed and started again: its workers go on as the processes that they were.
func TestAgent_RestartLeavesWorkers(t *testing.T) {
	c := newCluster(t, shape{nodes: []string{"a-1"}, cpu: 4000})
	spec := script(fmt.Sprintf(waits, c.shared()))
	spec.GetDriver().GetProcess().SetTasks(2)
	spec.GetDriver().GetProcess().SetTaskSize(small)
	run := c.submit(c.application(specv1.Engine_ENGINE_PROCESS, ""), spec)
	before := c.running(run, 3, time.Minute)
	began := processes(c.file(c.shared("began"), 3, time.Minute))

	agent := c.agents["a-1"]
	agent.kill()
	agent.start()
	c.connected(run, began)
	c.open(c.shared())
	c.ends(run, "SUCCESS", time.Minute)
	if after := c.file(c.shared("began"), 3, time.Minute); len(after) != 3 {
		t.Errorf("programs were started again: %v", after)
	}
	if after := c.workers(run); len(after) != len(before) {
		t.Errorf("workers %v", after)
	}
}

// connected waits until a restarted agent serves its node again, and checks that a run's workers are the same
// processes.
func (c *cluster) connected(run *controlv1.JobRun, began map[string][]int) {
	c.t.Helper()
	eventually(c.t, time.Minute, "the agent is back", func() error {
		if _, err := c.readLog(run, 1, "stdout"); !errors.Is(err, io.EOF) { // only an agent with a session can serve it
			return err
		}
		return nil
	})
	for id, before := range began {
		if now := processes([]string{id})[id]; len(before) == 0 || now[0] != before[0] {
			c.t.Errorf("worker %s was process %v, and is %v", id, before, now)
		}
	}
}

// processes returns the processes of workers, the oldest first.
func processes(ids []string) map[string][]int {
	all := map[string][]int{}
	for _, id := range ids {
		for _, p := range workerProcs(id) {
			all[id] = append(all[id], p.pid)
		}
		slices.Sort(all[id])
	}
	return all
}
