package e2e

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
)

// rehearsed is how long a driver and an executor may take to rehearse, one after the other, on a busy machine.
const rehearsed = 6 * time.Minute

// warmApplication creates and starts an application that keeps a driver and an executor waiting, with the settings of
// its runs.
func (c *cluster) warmApplication() string {
	c.t.Helper()
	spec := applicationSpec("warm", specv1.Engine_ENGINE_SPARK, label)
	spec.SetInitialCapacity(ready2(1, 1))
	spec.SetRuntimeConfiguration([]*specv1.Configuration{specv1.Configuration_builder{
		Classification: new("spark-defaults"),
		Properties: map[string]string{
			"spark.driver.cores":              "2",
			"spark.driver.memory":             "1g",
			"spark.executor.cores":            "2",
			"spark.executor.memory":           "1g",
			"spark.executor.instances":        "1",
			"spark.dynamicAllocation.enabled": "false",
			"spark.task.cpus":                 "1",
		},
	}.Build()})
	application := c.create(spec)
	start := &controlv1.StartApplicationRequest{ApplicationId: application}
	if _, err := c.applications().StartApplication(c.t.Context(), start); err != nil {
		c.t.Fatal(err)
	}
	// On a busy machine an application is started before the last process waits.
	eventually(c.t, rehearsed, "the application is started, and a process waits in each slot", func() error {
		now := c.applicationNow(application)
		var wait int64
		for _, pool := range now.GetPools() {
			wait += pool.GetWarm()
		}
		if now.GetState() != "STARTED" || wait != 2 {
			return fmt.Errorf("it is %v", now)
		}
		return nil
	})
	return application
}

// A run in pre-initialised capacity takes over the processes that wait there; it survives the death of its agent like
// any other. The next one, at once, finds none and starts cold, as does one that needs another heap; both say why.
func TestSpark_WarmWorkers(t *testing.T) {
	sparkHome(t)
	c := newCluster(t, shape{nodes: []string{"a-1", "a-2"}, cpu: 8000, warm: true})
	application := c.warmApplication()
	dir := c.gate("warm")
	first := c.submit(application, spark(testdata(t, "held.py"), "", dir, "2"))
	for _, w := range c.running(first, 2, time.Minute) {
		if !w.GetWarm() || w.GetColdReason() != "" {
			t.Errorf("%s %d is cold: %s", w.GetType(), w.GetNumber(), w.GetColdReason())
		}
	}
	agent := c.agents[c.runningDriver(first).GetNodeName()]
	agent.kill()
	agent.start()
	c.open(dir)
	c.ends(first, "SUCCESS", 2*time.Minute)
	if text, err := c.readLog(first, 0, "stdout"); !errors.Is(err, io.EOF) || text != "sum 1\n" {
		t.Errorf("the driver wrote %q (%v): nothing of its rehearsal belongs there", text, err)
	}
	another := c.submit(application, spark(testdata(t, "held.py"), "--driver-memory 2g", dir, "2"))
	c.ends(another, "SUCCESS", 2*time.Minute)
	for _, w := range c.workers(another) {
		if w.GetSlotId() != "" && (w.GetWarm() || !strings.Contains(w.GetColdReason(), "process")) {
			t.Errorf(
				"%s %d in slot %s is warm %v, cold because %q",
				w.GetType(),
				w.GetNumber(),
				w.GetSlotId(),
				w.GetWarm(),
				w.GetColdReason(),
			)
		}
	}
}
