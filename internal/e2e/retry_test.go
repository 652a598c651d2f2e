package e2e

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/headrace/headrace/cmd/headrace/config"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
)

// missingJar is what the original's own examples of retries submit: it is in no distribution.
const missingJar = "/usr/lib/spark/examples/jars/spark-examples-does-not-exist.jar"

// quickly makes pauses between attempts short, and waiting for room too.
func quickly(s *config.Server) {
	s.RetryBackoff = 10 * time.Millisecond
	s.RetryBackoffMax = 50 * time.Millisecond
	s.PendingTimeout = 5 * time.Second
}

// Retries of a jar that is not there, failures of users' programs, and limits that nothing can satisfy.
func TestSpark_Retries(t *testing.T) {
	c, application := sparkCluster(t, shape{nodes: []string{"a-1", "a-2"}, cpu: 8000, change: quickly})
	t.Run("TestCase03_MissingJarIsTriedTenTimes", func(t *testing.T) { c.in(t).missingJarTenTimes(application) })
	t.Run("TestCase04_MissingJarWithoutRetryPolicy", func(t *testing.T) { c.in(t).missingJarOnce(application) })
	t.Run("TestCase05_StreamStopsAtItsHourlyFailures", func(t *testing.T) { c.in(t).streamingFailures(application) })
	t.Run("TestCase18_FailuresHaveTheirKind", func(t *testing.T) { c.in(t).failureKinds(application) })
}

// missing is a run of the jar that is not there.
func missing() *specv1.JobRun {
	run := spark(missingJar, "--class org.apache.spark.examples.SparkPi "+sized(1))
	run.GetDriver().GetSparkSubmit().SetEntryPoint(missingJar)
	return run
}

// logs returns the folders of a run's logs on all nodes, below jobs/RUN, sorted.
func (c *cluster) logs(run *controlv1.JobRun) (folders []string) {
	c.t.Helper()
	root := filepath.Join("logs", "applications", run.GetApplicationId(), "jobs", run.GetJobRunId())
	for name := range c.agents {
		base := filepath.Join(c.nodeDir(name), root)
		_ = filepath.WalkDir(base, func(path string, entry os.DirEntry, err error) error {
			if err == nil && entry.Name() == "stderr" {
				folders = append(folders, strings.TrimPrefix(filepath.Dir(path), base+"/"))
			}
			return nil
		})
	}
	slices.Sort(folders)
	return slices.Compact(folders)
}

func (c *cluster) missingJarTenTimes(application string) {
	t := c.t
	spec := retried(missing(), 10)
	spec.SetMode(specv1.JobRunMode_JOB_RUN_MODE_BATCH)
	started, err := c.runs().StartJobRun(t.Context(), requestIn(application, spec))
	if err != nil {
		t.Fatal(err)
	}
	run := started.GetJobRun()
	last := c.ends(run, "FAILED", 2*time.Minute)
	if f := last.GetFailure(); f.GetKind() != "FILE_NOT_FOUND" ||
		!strings.Contains(last.GetStateDetails(), "spark-examples-does-not-exist.jar") {
		t.Errorf("failure %v, details %q", f, last.GetStateDetails())
	}
	if attempts := c.attempts(run); len(attempts) != 10 || attempts[9].GetAttempt() != 10 {
		t.Errorf("%d attempts: %v", len(attempts), attempts)
	}
	retries := 0
	for _, event := range c.events(run, started.GetRecord()) {
		if event.GetKind() == "AttemptCreated" {
			retries++
		}
	}
	if retries != 9 {
		t.Errorf("%d events of retries, not 9", retries)
	}
	var want []string
	for n := range 10 {
		want = append(want, "attempts/"+strconv.Itoa(n+1)+"/SPARK_DRIVER")
	}
	slices.Sort(want)
	if got := c.logs(run); !slices.Equal(got, want) {
		t.Errorf("logs in %v, want %v", got, want)
	}
}

func (c *cluster) missingJarOnce(application string) {
	t := c.t
	run := c.submit(application, missing())
	c.ends(run, "FAILED", time.Minute)
	if attempts := c.attempts(run); len(attempts) != 1 {
		t.Errorf("%d attempts, not 1", len(attempts))
	}
	if got := c.logs(run); !slices.Equal(got, []string{"SPARK_DRIVER"}) {
		t.Errorf("logs in %v, want SPARK_DRIVER alone", got)
	}
}

func (c *cluster) streamingFailures(application string) {
	for want, policy := range map[int]*specv1.RetryPolicy{7: perHour(7), 5: nil, 1: perHour(1)} {
		spec := missing()
		spec.SetMode(specv1.JobRunMode_JOB_RUN_MODE_STREAMING)
		spec.SetRetryPolicy(policy)
		run := c.submit(application, spec)
		c.ends(run, "FAILED", 2*time.Minute)
		if attempts := c.attempts(run); len(attempts) != want {
			c.t.Errorf("policy %v: %d attempts, not %d", policy, len(attempts), want)
		}
	}
}

// perHour lets a stream fail so often within an hour.
func perHour(failures uint32) *specv1.RetryPolicy {
	return specv1.RetryPolicy_builder{MaxFailedAttemptsPerHour: &failures}.Build()
}

// failureKinds makes the errors of chapter 14 happen: E1 at submission, E2 while it waits, E3 and E4 in the driver.
func (c *cluster) failureKinds(application string) {
	t := c.t
	least := specv1.MaximumCapacity_builder{MilliCpu: new(int64(1000)), MemoryMib: new(int64(2 << 10))}.Build()
	tiny := c.limited(least, nil)
	failing := requestIn(tiny, spark(testdata(t, "failing.py"), sized(1), "module"))
	if _, err := c.runs().StartJobRun(t.Context(), failing); err == nil ||
		!strings.Contains(err.Error(), "maximum allowed capacity exceeded") {
		t.Errorf("E1: a run that can never fit gives %v", err)
	}
	denied := c.submit(application, spark(testdata(t, "failing.py"), sized(1), "denied"))
	module := c.submit(application, spark(testdata(t, "failing.py"), sized(1), "module"))
	holds, waits := c.holdsAndWaits()
	for run, want := range map[*controlv1.JobRun][2]string{
		denied: {"ACCESS_DENIED", "403"},
		module: {"MODULE_NOT_FOUND", "modulethatnobodyhas"},
		waits:  {"CAPACITY", "maximum capacity"},
	} {
		last := c.ends(run, "FAILED", 2*time.Minute)
		if last.GetFailure().GetKind() != want[0] || !strings.Contains(last.GetStateDetails(), want[1]) {
			t.Errorf("failure %v with details %q, not %v", last.GetFailure(), last.GetStateDetails(), want)
		}
	}
	c.run("job-run", "cancel", holds.GetApplicationId(), holds.GetJobRunId())
	c.ends(holds, "CANCELLED", time.Minute)
}

// holdsAndWaits submits two runs, each of which fits in its application's limit, but not both (E2).
func (c *cluster) holdsAndWaits() (holds, waits *controlv1.JobRun) {
	c.t.Helper()
	small := c.processApplication(specv1.MaximumCapacity_builder{MilliCpu: new(int64(600))}.Build())
	holds = c.submit(small, script("exec sleep 3600"))
	c.running(holds, 1, time.Minute)
	return holds, c.submit(small, script("true"))
}
