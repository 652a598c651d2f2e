package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
)

// A script that lies where no node sees it runs as a Spark driver and as a process, and a retry runs it again although
// it is gone from where it was.
func TestD3_ALocalScriptRunsOnTheClusterAndAgainWhenItIsGone(t *testing.T) {
	c, application := sparkCluster(t, shape{nodes: []string{"a-1", "b-1"}, cpu: 4000})
	laptop := t.TempDir() // below /tmp, which sandboxes hide
	t.Chdir(laptop)
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(laptop, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("count.py", "from pyspark.sql import SparkSession\n"+
		"s = SparkSession.builder.getOrCreate()\nprint('sum', s.range(1000).selectExpr('sum(id)').collect()[0][0])\n")
	write("hello.sh", "#!/bin/sh\necho hello $HEADRACE_ROLE $1\n")
	conf := sized(1)
	id := c.run("job-run", "start", application, "-q", "--entry-point", "./count.py", "--spark-submit-parameters", conf)
	run := c.named(application, id)
	c.ends(run, "SUCCESS", 4*time.Minute)
	if got := strings.TrimSpace(c.output(run)); got != "sum 499500" {
		t.Errorf("the script printed %q", got)
	}

	tools := c.application(specv1.Engine_ENGINE_PROCESS, "")
	run = c.named(tools, c.run("job-run", "start", tools, "-q", "--command", "--", "./hello.sh", "world"))
	c.ends(run, "SUCCESS", time.Minute)
	if err := os.Remove("hello.sh"); err != nil {
		t.Fatal(err)
	}
	again := c.named(tools, c.run("job-run", "retry", tools, run.GetJobRunId(), "-q"))
	c.ends(again, "SUCCESS", time.Minute)
	if got := c.output(again); got != "hello driver world\n" {
		t.Errorf("the retry printed %q", got)
	}
}

// named is a run with an id that a command printed.
func (c *cluster) named(application, id string) *controlv1.JobRun {
	return &controlv1.JobRun{ApplicationId: application, JobRunId: strings.TrimSpace(id)}
}
