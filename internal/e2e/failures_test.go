package e2e

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// What a user does wrong, and a cancel, end as they should, and give back all that the run held.
func TestSpark_Endings(t *testing.T) {
	t.Parallel()
	c, application := sparkCluster(t, shape{nodes: []string{"a-1", "a-2"}, cpu: 4000})
	t.Run("EntryPointThatIsNotThere", func(t *testing.T) { c.in(t).missingEntryPoint(application) })
	t.Run("ExecutorsThatKeepDying", func(t *testing.T) { c.in(t).dyingExecutors(application) })
	t.Run("Cancel", func(t *testing.T) { c.in(t).cancelled(application) })
}

func (c *cluster) missingEntryPoint(application string) {
	t := c.t
	run := c.submit(application, spark("/no/such/program.py", sized(1)))
	last := c.ends(run, "FAILED", time.Minute)
	if f := last.GetFailure(); f.GetKind() != "FILE_NOT_FOUND" ||
		!strings.Contains(f.GetMessage(), "file:///no/such/program.py") {
		t.Errorf("failure %v", f)
	}
	if attempts := c.attempts(run); len(attempts) != 1 || attempts[0].GetState() != "FAILED" {
		t.Errorf("attempts %v", attempts)
	}
}

// dyingExecutors gives executors a value that Java refuses; Spark has it ignore options that it does not know. Five die
// at once, and after a pause five more: ten in a row are too many.
func (c *cluster) dyingExecutors(application string) {
	t := c.t
	run := c.submit(
		application,
		spark(
			testdata(t, "held.py"),
			"--conf spark.driver.cores=2 --conf spark.driver.memory=1g --conf spark.executor.instances=5 "+
				"--conf spark.executor.cores=1 --conf spark.executor.memory=1g --conf spark.dynamicAllocation.enabled=false "+
				"--conf spark.executor.extraJavaOptions=-XX:MaxDirectMemorySize=nonsense",
			c.shared("never"),
			"1",
		),
	)
	last := c.ends(run, "FAILED", 2*time.Minute)
	if f := last.GetFailure(); f.GetKind() != "WORKERS_DYING" ||
		!strings.Contains(f.GetMessage(), "Improperly specified VM option") {
		t.Errorf("failure %v", f)
	}
	executors := 0
	for _, w := range c.workers(run) {
		if w.GetType() == "EXECUTOR" {
			executors++
		}
	}
	took := last.GetEndedAt().AsTime().Sub(last.GetStartedAt().AsTime())
	t.Logf("%d executors died within %s", executors, took)
	if executors < 10 || executors > 12 ||
		took < 4*time.Second { // the first is replaced at once, perhaps before the others died
		t.Errorf("%d executors died within %s", executors, took)
	}
}

func (c *cluster) cancelled(application string) {
	t := c.t
	run, _, _ := c.held(application, 1)
	ids := []string{}
	for _, w := range c.running(run, 3, time.Minute) {
		ids = append(ids, w.GetWorkerId())
	}
	c.run("job-run", "cancel", run.GetApplicationId(), run.GetJobRunId())
	c.ends(run, "CANCELLED", time.Minute)
	for _, id := range ids {
		if left := workerProcs(id); len(left) > 0 {
			t.Errorf("the run is cancelled, and its worker lives: %v", left)
		}
	}
	eventually(t, 10*time.Second, "its capacity is free", func() error {
		if used := c.status().GetUsed(); used.GetMilliCpu() != 0 || used.GetMemoryMib() != 0 || used.GetDiskMib() != 0 {
			return fmt.Errorf("used: %v", used)
		}
		return nil
	})
}
