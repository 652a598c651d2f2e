package e2e

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/headrace/headrace/agent/release"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
)

const label = "emr-7.2.0"

// releaseDir is where releases are.
func releaseDir(t *testing.T) string {
	t.Helper()
	dir, err := release.DefaultCache()
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// fetched fetches the release once; what is there is not fetched again.
var fetched = sync.OnceValues(func() (string, error) {
	out, err := exec.Command(binary, "release", "fetch", label).CombinedOutput()
	return string(out), err
})

// sparkHome returns where Spark is, after it was fetched where it was missing.
func sparkHome(t *testing.T) string {
	t.Helper()
	out, err := fetched()
	if err != nil {
		t.Fatalf("cannot fetch %s: %v\n%s", label, err, out)
	}
	t.Log(strings.TrimSpace(out))
	return filepath.Join(releaseDir(t), label, "spark")
}

// sparkCluster starts a cluster and an application on it.
func sparkCluster(t *testing.T, s shape) (c *cluster, application string) {
	t.Helper()
	sparkHome(t)
	c = newCluster(t, s)
	return c, c.application(specv1.Engine_ENGINE_SPARK, label)
}

// sized returns spark-submit parameters: a driver of 2 vCPU and that many executors of 2 vCPU.
func sized(executors int) string {
	return fmt.Sprintf("--conf spark.driver.cores=2 --conf spark.driver.memory=1g "+
		"--conf spark.executor.instances=%d --conf spark.executor.cores=2 --conf spark.executor.memory=1g "+
		"--conf spark.dynamicAllocation.enabled=false", executors)
}

// spark is a Spark run; without parameters if they are empty.
func spark(program, parameters string, args ...string) *specv1.JobRun {
	submit := specv1.SparkSubmit_builder{EntryPoint: new("file://" + program), EntryPointArguments: args}.Build()
	if parameters != "" {
		submit.SetSparkSubmitParameters(parameters)
	}
	return specv1.JobRun_builder{Driver: specv1.JobDriver_builder{SparkSubmit: submit}.Build()}.Build()
}

// testdata returns the path of a program of testdata.
func testdata(t *testing.T, parts ...string) string {
	t.Helper()
	path, err := filepath.Abs(filepath.Join(append([]string{"testdata"}, parts...)...))
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// gate makes a directory in which programs wait for the file go.
func (c *cluster) gate(name string) string {
	c.t.Helper()
	dir := c.shared(name)
	openDir(c.t, dir)
	return dir
}

// held submits a job of four tasks on two executors that wait for the file go in the directory that is returned.
func (c *cluster) held(application string, attempts uint32) (run *controlv1.JobRun, record uint64, dir string) {
	c.t.Helper()
	dir = c.gate("gate")
	spec := retried(spark(testdata(c.t, "held.py"), sized(2), dir, "4"), attempts)
	started, err := c.runs().StartJobRun(c.t.Context(), requestIn(application, spec))
	if err != nil {
		c.t.Fatal(err)
	}
	run = started.GetJobRun()
	eventually(c.t, 2*time.Minute, "four tasks run", func() error {
		tasks, _ := filepath.Glob(filepath.Join(dir, "task-*"))
		if got := c.get(run); over(got.GetState()) {
			text, _ := c.readLog(run, 0, "stderr")
			c.t.Fatalf("the run is over: %v\n%s", got, text)
		}
		if len(tasks) < 4 {
			return fmt.Errorf("only %d do; workers %v", len(tasks), c.workers(run))
		}
		return nil
	})
	return run, started.GetRecord(), dir
}
