package spark

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/headrace/headrace/agent/release"
)

// A driver whose agent goes waits the whole time for the next one, however old the run is and in whatever way the agent
// went; and the driver's own end is no reason for a warning.
func TestA15_AnAgentThatGoesHasTheWholeTimeToComeBack(t *testing.T) {
	out := runJava(t, "AgentGone", t.TempDir())
	for _, way := range []string{"end of file", "reset", "failed write"} {
		if !strings.Contains(out, way+": connected again\n") {
			t.Errorf("after an agent's %s the driver did not connect again", way)
		}
	}
	if strings.Contains(out, "WARN") {
		t.Error("there was a warning at a normal end")
	}
	if t.Failed() {
		t.Log(out)
	}
}

// runJava compiles and runs a class of testdata that is in the plug-in's package, beside the plug-in and Spark. It
// returns what the class says on both outputs.
func runJava(t *testing.T, class string, arguments ...string) string {
	t.Helper()
	if _, err := exec.LookPath("javac"); err != nil {
		t.Skipf("cannot compile the test's class: %v", err)
	}
	root, err := release.DefaultCache()
	if err != nil {
		t.Fatal(err)
	}
	r, err := release.Find([]string{root}, label)
	if err != nil {
		t.Skipf("needs Spark's jars: %v", err)
	}
	dir := t.TempDir()
	path := strings.Join([]string{"plugin/headrace-spark.jar", filepath.Join(r.SparkHome, "jars", "*"), dir}, ":")
	if out, err := exec.Command("javac", "-cp", path, "-d", dir, "testdata/"+class+".java").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	command := append([]string{"-Dlog4j2.level=warn", "-cp", path, "io.headrace.spark." + class}, arguments...)
	out, err := exec.CommandContext(t.Context(), "java", command...).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return string(out)
}
