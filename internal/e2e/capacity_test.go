package e2e

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
)

// limited creates a Spark application with a maximum capacity.
func (c *cluster) limited(maximum *specv1.MaximumCapacity, initial map[string]*specv1.InitialCapacity) string {
	c.t.Helper()
	spec := applicationSpec("limited", specv1.Engine_ENGINE_SPARK, label)
	spec.SetMaximumCapacity(maximum)
	spec.SetInitialCapacity(initial)
	return c.create(spec)
}

func (c *cluster) processApplication(maximum *specv1.MaximumCapacity) string {
	c.t.Helper()
	spec := applicationSpec("process", specv1.Engine_ENGINE_PROCESS, "")
	spec.SetMaximumCapacity(maximum)
	return c.create(spec)
}

// ready2 are workers of 2 vCPU and 4 GB that are held ready, so many of each type.
func ready2(drivers, executors int64) map[string]*specv1.InitialCapacity {
	size := specv1.WorkerSize_builder{
		MilliCpu:  new(int64(2000)),
		MemoryMib: new(int64(4 << 10)),
		DiskMib:   new(int64(20 << 10)),
	}.Build()
	return map[string]*specv1.InitialCapacity{
		"Driver":   specv1.InitialCapacity_builder{WorkerCount: &drivers, WorkerSize: size}.Build(),
		"Executor": specv1.InitialCapacity_builder{WorkerCount: &executors, WorkerSize: size}.Build(),
	}
}

// A Spark run takes the pre-initialised workers first, one more on demand, and never more than the maximum capacity,
// however many executors it would like. Afterwards the application holds what it was to hold ready, and nothing once it
// is stopped.
func TestCase20_PreinitialisedFirstAndNeverAboveMaximum(t *testing.T) {
	sparkHome(t)
	c := newCluster(t, shape{nodes: []string{"a-1", "a-2"}, cpu: 8000})
	maximum := specv1.MaximumCapacity_builder{MilliCpu: new(int64(8000)), MemoryMib: new(int64(16 << 10))}.Build()
	application := c.limited(maximum, ready2(1, 2))
	c.run("application", "start", application, "--wait")
	if got := c.applicationNow(application); got.GetState() != "STARTED" || got.GetUsed().GetMilliCpu() != 6000 {
		t.Fatalf("started: %v", got)
	}
	peak := c.watchUse(application)
	run, dir := c.hungry(application)
	c.fourWorkers(run)
	c.explained(run)
	c.open(dir)
	c.ends(run, "SUCCESS", 3*time.Minute)
	if used := peak(); used > maximum.GetMilliCpu() || used < maximum.GetMilliCpu() {
		t.Errorf("the application held %d thousandths of a vCPU at most; its maximum is %d", used, maximum.GetMilliCpu())
	}
	c.used(application, 6000)
	c.run("application", "stop", application, "--wait")
	c.used(application, 0)
}

// hungry submits a run of eight tasks that wait, which would like eight executors.
func (c *cluster) hungry(application string) (run *controlv1.JobRun, dir string) {
	c.t.Helper()
	dir = c.gate("hungry")
	return c.submit(
		application,
		spark(
			testdata(c.t, "held.py"),
			"--conf spark.driver.cores=2 --conf spark.driver.memory=1g "+
				"--conf spark.executor.cores=2 --conf spark.executor.memory=1g "+
				"--conf spark.dynamicAllocation.enabled=true --conf spark.dynamicAllocation.initialExecutors=2 "+
				"--conf spark.task.cpus=2 --conf spark.dynamicAllocation.schedulerBacklogTimeout=1s",
			dir,
			"8",
		),
	), dir
}

// fourWorkers waits for the four workers that the limit allows: three in slots, one on demand.
func (c *cluster) fourWorkers(run *controlv1.JobRun) {
	c.t.Helper()
	inSlots := 0
	for _, w := range c.running(run, 4, 2*time.Minute) {
		if w.GetSlotId() != "" {
			inSlots++
		} else if w.GetNumber() < 3 {
			c.t.Errorf("worker %d is on demand, and there were slots: %v", w.GetNumber(), w)
		}
	}
	if inSlots != 3 {
		c.t.Errorf("%d workers in slots, not 3", inSlots)
	}
}

// explained holds that the run's explanation names the limit, and what to do.
func (c *cluster) explained(run *controlv1.JobRun) {
	c.t.Helper()
	eventually(c.t, 30*time.Second, "the limit is named", func() error {
		why, err := c.runs().ExplainJobRun(c.t.Context(), &controlv1.ExplainJobRunRequest{
			ApplicationId: run.GetApplicationId(),
			JobRunId:      run.GetJobRunId(),
		})
		if err != nil {
			return err
		}
		if why.GetWaitsFor() != "APPLICATION_LIMIT" || !strings.Contains(why.GetMessage(), "8 vCPU") ||
			!strings.Contains(why.GetNextStep(), "application update") {
			return fmt.Errorf("explained as %v", why)
		}
		return nil
	})
}

// watchUse looks at what an application uses until the returned function is called, which returns the most that it saw.
func (c *cluster) watchUse(application string) (peak func() int64) {
	ctx, cancel := context.WithCancel(c.t.Context())
	c.t.Cleanup(cancel)
	var highest int64
	var watching sync.WaitGroup
	watching.Go(func() {
		tick := time.NewTicker(20 * time.Millisecond)
		defer tick.Stop()
		for {
			got, err := c.applications().GetApplication(ctx, &controlv1.GetApplicationRequest{ApplicationId: application})
			if err == nil {
				highest = max(highest, got.GetApplication().GetUsed().GetMilliCpu())
			}
			select {
			case <-tick.C:
			case <-ctx.Done():
				return
			}
		}
	})
	return func() int64 { cancel(); watching.Wait(); return highest }
}

// used waits until an application uses so many thousandths of a vCPU.
func (c *cluster) used(application string, want int64) {
	c.t.Helper()
	eventually(c.t, 30*time.Second, fmt.Sprintf("%d thousandths of a vCPU are used", want), func() error {
		if got := c.applicationNow(application); got.GetUsed().GetMilliCpu() != want {
			return fmt.Errorf("the application is %v", got)
		}
		return nil
	})
}

// How a run ends that uses too much memory, or takes too long.
func TestSpark_Limits(t *testing.T) {
	t.Parallel()
	c, application := sparkCluster(t, shape{nodes: []string{"a-1", "a-2"}, cpu: 8000})
	slow := spark(testdata(t, "held.py"), sized(1), c.gate("never"), "1")
	slow.SetExecutionTimeoutMinutes(1)
	late := c.submit(application, slow)
	t.Run("WorkerGet", func(t *testing.T) { c.in(t).workerGet(late) })
	t.Run("OutOfMemory", func(t *testing.T) { c.in(t).outOfMemory(application) })
	t.Run("Timeout", func(t *testing.T) { c.in(t).timedOut(late) })
}

func (c *cluster) outOfMemory(application string) {
	t := c.t
	run := c.submit(application, spark(testdata(t, "greedy.py"), sized(1)))
	last := c.ends(run, "FAILED", 3*time.Minute)
	if last.GetFailure().GetKind() != "OUT_OF_MEMORY" || !strings.Contains(last.GetStateDetails(), "bytes") {
		t.Errorf("failure %v", last.GetFailure())
	}
	for _, w := range c.workers(run) {
		if limit := w.GetSize().GetMemoryMib() << 20; w.GetType() == "DRIVER" &&
			(w.GetPeakMemoryBytes() < limit*8/10 || w.GetPeakMemoryBytes() > limit*11/10) {
			t.Errorf("peak %d bytes of %d", w.GetPeakMemoryBytes(), limit)
		}
	}
}

// runningDriver waits until a run's driver runs.
func (c *cluster) runningDriver(run *controlv1.JobRun) (driver *controlv1.Worker) {
	c.t.Helper()
	eventually(c.t, time.Minute, "the driver runs", func() error {
		for _, w := range c.workers(run) {
			if w.GetType() == "DRIVER" && w.GetState() == "RUNNING" {
				driver = w
				return nil
			}
		}
		return fmt.Errorf("the run is %v", c.get(run))
	})
	return driver
}

// workerGet shows how the driver was started, and no secret.
func (c *cluster) workerGet(run *controlv1.JobRun) {
	t := c.t
	driver := c.runningDriver(run)
	text := c.run("worker", "get", driver.GetWorkerId())
	for _, part := range []string{
		"io.headrace.spark.Driver", "held.py", "SPARK_HOME", driver.GetNodeName(),
		"spark.authenticate.secret=*********(redacted)",
	} {
		if !strings.Contains(text, part) {
			t.Errorf("worker get does not show %q:\n%s", part, text)
		}
	}
}

func (c *cluster) timedOut(run *controlv1.JobRun) {
	t := c.t
	last := c.ends(run, "CANCELLED", 2*time.Minute)
	if last.GetFailure().GetKind() != "TIMEOUT" || !strings.Contains(last.GetStateDetails(), "1m0s") {
		t.Errorf("failure %v", last.GetFailure())
	}
	if took := last.GetEndedAt().AsTime().Sub(last.GetStartedAt().AsTime()); took < time.Minute {
		t.Errorf("it ran for %s only", took)
	}
	if last.GetLiveWorkers() != 0 || last.GetTotalUtilization().GetVcpuHours() <= 0 ||
		last.GetBilledUtilization().GetVcpuHours() <= 0 {
		t.Errorf("it is cancelled: %v", last)
	}
	c.used(run.GetApplicationId(), 0)
}
