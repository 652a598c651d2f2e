package e2e

import (
	"archive/zip"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Programs of all kinds, with all that spark-submit gives them.
func TestSpark_Programs(t *testing.T) {
	c, application := sparkCluster(t, shape{nodes: []string{"a-1", "a-2"}, cpu: 4000})
	t.Run("FilesAndDynamicAllocation", func(t *testing.T) { c.in(t).filesAndAllocation(application) })
	t.Run("JAR", func(t *testing.T) { c.in(t).jar(application) })
}

// filesAndAllocation runs a program that uses modules, files and archives, while its executors come, go and come again.
func (c *cluster) filesAndAllocation(application string) {
	t := c.t
	archive := c.shared("archive.zip")
	writeZip(t, archive, "inside.txt", "from the archive\n")
	modules := testdata(t, "greeting.py")
	file := testdata(t, "word.txt")
	parameters := "--conf spark.driver.cores=2 --conf spark.driver.memory=1g " +
		"--conf spark.executor.cores=1 --conf spark.executor.memory=1g " +
		"--conf spark.dynamicAllocation.enabled=true --conf spark.dynamicAllocation.minExecutors=0 " +
		"--conf spark.dynamicAllocation.initialExecutors=0 --conf spark.dynamicAllocation.maxExecutors=3 " +
		"--conf spark.dynamicAllocation.executorIdleTimeout=2s " +
		"--py-files file://" + modules + " --files file://" + file + " --archives file://" + archive + "#unpacked"
	run := c.submit(application, spark(testdata(t, "everything.py"), parameters))
	c.ends(run, "SUCCESS", 6*time.Minute)
	want := "module hello\nfile from a file\narchive from the archive\nexecutors 3\nexecutors 0\nexecutors again\n"
	if got := c.output(run); got != want {
		t.Errorf("output\n%s\nwanted\n%s", got, want)
	}
	began := run.GetCreatedAt().AsTime()
	for _, w := range c.workers(run) {
		t.Logf(
			"worker %d placed after %s, running after %s, ended after %s",
			w.GetNumber(),
			w.GetPlacedAt().AsTime().Sub(began),
			w.GetRunningAt().AsTime().Sub(began),
			w.GetEndedAt().AsTime().Sub(began),
		)
		if w.GetType() == "EXECUTOR" && w.GetExitReason() != "EXITED" && w.GetExitReason() != "STOPPED" {
			t.Errorf("executor %v", w)
		}
	}
}

func writeZip(t *testing.T, path, name, content string) {
	t.Helper()
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	archive := zip.NewWriter(file)
	entry, err := archive.Create(name)
	if err == nil {
		_, err = entry.Write([]byte(content))
	}
	if err == nil {
		err = archive.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
}

// jar runs a class of a JAR that is compiled here.
func (c *cluster) jar(application string) {
	t := c.t
	for _, tool := range []string{"javac", "jar"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("there is no %s to make a JAR with: %v", tool, err)
		}
	}
	classes := c.path("classes")
	jar := c.shared("squares.jar")
	tool(t, "javac", "-cp", filepath.Join(sparkHome(t), "jars", "*"), "-d", classes, testdata(t, "Squares.java"))
	tool(t, "jar", "cf", jar, "-C", classes, ".")
	run := c.submit(application, spark(jar, sized(1)+" --class example.Squares", "10"))
	c.ends(run, "SUCCESS", 2*time.Minute)
	if got := strings.TrimSpace(c.output(run)); got != "squares 385" {
		t.Errorf("output %q", got)
	}
}

func tool(t *testing.T, name string, args ...string) {
	t.Helper()
	if out, err := exec.CommandContext(t.Context(), name, args...).CombinedOutput(); err != nil {
		t.Fatal(fmt.Errorf("%s: %w\n%s", name, err, out))
	}
}
