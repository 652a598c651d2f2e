package spark

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"github.com/headrace/headrace/agent/engine"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
)

// javaAt makes a Java of some version in a folder of a fake engine's machine and returns its directory.
func javaAt(t *testing.T, dir, name, version string) string {
	t.Helper()
	home := filepath.Join(filepath.Dir(dir), "jvm", name)
	runnable(t, filepath.Join(home, "bin", "java"), `echo 'openjdk version "`+version+`"' >&2`)
	return home
}

// hideJava takes the Java of the machine that the test runs on out of sight.
func hideJava(t *testing.T) {
	t.Helper()
	t.Setenv("JAVA_HOME", "")
	t.Setenv("PATH", t.TempDir())
}

// executorOf returns an executor's assignment with an environment.
func executorOf(environment, properties map[string]string) *agentv1.AssignedWorker {
	return &agentv1.AssignedWorker{
		WorkerId: "e", Number: 1, ReleaseLabel: label, Secret: []byte("0123456789abcdef"),
		Program: &agentv1.AssignedWorker_SparkExecutor{SparkExecutor: &agentv1.SparkExecutor{
			HeapMib: 512, Cores: 1,
			Environment: environment, Launch: &agentv1.ExecutorLaunch{DriverUrl: "spark://x@h:1", Properties: properties},
		}},
	}
}

// driverOf returns a driver's assignment with an environment.
func driverOf(t *testing.T, environment, properties map[string]string) *agentv1.AssignedWorker {
	t.Helper()
	w := assignment(script(t), properties)
	w.GetSparkDriver().Environment = environment
	return w
}

// refusal returns why a worker cannot start.
func refusal(t *testing.T, e *Engine, w *agentv1.AssignedWorker, dir string) (agentv1.ExitReason, string) {
	t.Helper()
	_, err := e.Prepare(t.Context(), w, homeIn(t, dir))
	var start *engine.StartError
	if !errors.As(err, &start) {
		t.Fatalf("got %v", err)
	}
	return start.Reason, start.Message
}

func TestJava_IsWhatTheRunNames(t *testing.T) {
	hideJava(t)
	e, dir := fake(t, "3.11.7")
	java11, java17 := javaAt(t, dir, "eleven", "11.0.2"), javaAt(t, dir, "seventeen", "17.0.9")
	java21 := javaAt(t, dir, "twentyone", "21.0.1")
	own := filepath.Join(e.config.Store.Releases()[0].Dir, "java")
	for _, c := range []struct {
		named, driver, executor string // empty: refused
	}{
		{"", own, own},
		{"/usr/lib/jvm/java-17-amazon-corretto.x86_64/", java17, java17},
		{"/usr/lib/jvm/java-17-amazon-corretto.aarch64", java17, java17},
		{"/usr/lib/jvm/jre-17", java17, java17},
		{"/etc/alternatives/jre", own, own},
		{"/usr/lib/jvm/jre", own, own},
		{java21 + "/", java21, java21}, // it is there: the user knows
		{"/usr/lib/jvm/java-11-openjdk-11.0.16.0.8-1.amzn2.0.1.x86_64", "", java11},
		{java11, "", java11},
		{"/usr/lib/jvm/java-1.8.0-amazon-corretto.x86_64", "", ""},
		{"/usr/lib/jvm/java-21-amazon-corretto.x86_64", "", ""}, // this Spark cannot use it
		{"/opt/no-such-java-17", "", ""},
		{"jdk/java-17", "", ""},
	} {
		environment := map[string]string{"JAVA_HOME": c.named}
		for w, want := range map[*agentv1.AssignedWorker]string{
			driverOf(t, environment, nil): c.driver, executorOf(environment, nil): c.executor,
		} {
			command, err := e.Prepare(t.Context(), w, homeIn(t, dir))
			if want == "" && err == nil || want != "" &&
				(err != nil || command.Args[0] != want+"/bin/java" || variable(command.Env, "JAVA_HOME") != want) {
				t.Errorf("%q for %s: %v, %v, want %q", c.named, w.GetWorkerId(), command.Args, err, want)
			}
		}
	}
}

func TestJava_RefusalsSayWhatIsThere(t *testing.T) {
	hideJava(t)
	e, dir := fake(t, "3.11.7")
	java17 := javaAt(t, dir, "seventeen", "17.0.9")
	for named, want := range map[string]string{
		"/usr/lib/jvm/java-11-amazon-corretto.x86_64": "plug-in in the driver needs Java 17",
		"/opt/jdk": "this node has Java 17 in " + java17,
		"/usr/lib/jvm/java-21-amazon-corretto.x86_64": "cannot run Spark 3.5.1 with Java 21",
	} {
		reason, message := refusal(t, e, driverOf(t, map[string]string{"JAVA_HOME": named}, nil), dir)
		if reason != agentv1.ExitReason_EXIT_REASON_START_REFUSED || !strings.Contains(message, want) ||
			!strings.Contains(message, named) {
			t.Errorf("%s: %s, %s", named, reason, message)
		}
	}
	_, message := refusal(t, e, executorOf(map[string]string{"JAVA_HOME": "/usr/lib/jvm/jre-11"}, nil), dir)
	if !strings.Contains(message, "cannot find Java 11") ||
		!strings.Contains(message, "this node has Java 17 in "+java17) {
		t.Error(message)
	}
}

func TestRuntimes_AreTheNodesAndTheReleases(t *testing.T) {
	hideJava(t)
	e, dir := fake(t, "3.11.7")
	runnable(t, filepath.Join(e.config.Store.Releases()[0].Dir, "java", "bin", "java"), `echo 'version "17.0.9"'`)
	javaAt(t, dir, "a", "1.8.0_402")
	javaAt(t, dir, "b", "17.0.1")
	for range 2 {
		if java, python := e.Runtimes(); len(java) != 2 || java[0] != 8 || java[1] != 17 || python != "3.11.7" {
			t.Errorf("got %v, %q", java, python)
		}
	}
}

func TestRuntimes_DoNotWaitForAJavaThatHangs(t *testing.T) {
	hideJava(t)
	e, dir := fake(t, "3.11.7")
	runnable(t, filepath.Join(filepath.Dir(dir), "jvm", "a", "bin", "java"), "exec /bin/sleep 600")
	if java, _ := e.Runtimes(); len(java) != 0 {
		t.Errorf("got %v", java)
	}
	e.Close() // ends it, else the test does not end
}
