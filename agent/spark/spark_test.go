package spark

import (
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/headrace/headrace/agent/release"
)

const text = "the quick brown fox\njumps over the lazy dog\nthe end\n"

// A PySpark word count on two executors; then one is killed in the middle of a job, is replaced, and the result is
// right.
func TestSpark_SurvivesTheLossOfAnExecutor(t *testing.T) {
	n := newNode(t)
	script, err := filepath.Abs("testdata/loss.py")
	if err != nil {
		t.Fatal(err)
	}
	signs := t.TempDir()
	write(t, filepath.Join(signs, "text"), text)
	words := filepath.Join(signs, "text")
	n.start(assignment("file://"+script, map[string]string{"spark.executor.instances": "2"}, words, signs))
	n.until("two tasks that run", func() bool { found, _ := filepath.Glob(signs + "/task-*"); return len(found) == 2 })
	n.mu.Lock()
	lost := slices.Min(slices.Collect(maps.Keys(n.live)))
	if err := syscall.Kill(-n.live[lost].Process.Pid, syscall.SIGKILL); err != nil {
		t.Error(err)
	}
	n.mu.Unlock()
	write(t, filepath.Join(signs, "killed"), "")
	out := n.wait()
	for _, line := range append(countsOf(text), "sum 28", "executors are complete again", "secret shown: False") {
		if !strings.Contains(out, line+"\n") {
			t.Errorf("the driver did not print %q:\n%s", line, out)
		}
	}
	if !strings.Contains(n.read("driver.err"), fmt.Sprintf("executor %d ended with code 137: it ended", lost)) {
		t.Errorf("the driver's log does not say how executor %d ended", lost)
	}
	log := filepath.Join(n.dir, "driver-1/homes/w/work/.headrace/events/eventlog_v2_run-1_1/events_1_run-1_1")
	if logs, _ := filepath.Glob(log); len(logs) != 1 {
		t.Error("there is no event log of run and attempt")
	}
}

// Dynamic allocation down to zero and up again; in between the agent is away and comes back.
func TestSpark_ScalesToZeroAndBack(t *testing.T) {
	n := newNode(t)
	script, err := filepath.Abs("testdata/elastic.py")
	if err != nil {
		t.Fatal(err)
	}
	back := filepath.Join(t.TempDir(), "back")
	n.start(assignment(script, map[string]string{
		"spark.dynamicAllocation.enabled": "true", "spark.dynamicAllocation.shuffleTracking.enabled": "true",
		"spark.dynamicAllocation.minExecutors": "0", "spark.dynamicAllocation.initialExecutors": "1",
		"spark.dynamicAllocation.maxExecutors": "2", "spark.dynamicAllocation.executorIdleTimeout": "1s",
	}, back))
	n.until("an idle driver", n.has("idle\n"))
	n.until("no executors", func() bool { n.mu.Lock(); defer n.mu.Unlock(); return len(n.live) == 0 })
	before := n.restart()
	write(t, back, "")
	out := n.wait()
	if !strings.Contains(out, "first 499500\n") || !strings.Contains(out, "second 499500\n") {
		t.Errorf("wrong result:\n%s", out)
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.number == before || n.peak > 2 {
		t.Errorf("%d executors were started before the pause, %d in all, at most %d at once", before, n.number, n.peak)
	}
}

// A JAR that is on every node, with a main class, arguments and options of its JVM.
func TestSpark_RunsAJAR(t *testing.T) {
	n := newNode(t)
	w := assignment("local://"+greeter(t), map[string]string{
		"spark.executor.instances": "1", "spark.driver.extraJavaOptions": `-Dgreeting="hello world"`,
	}, "one", "two words", "")
	w.GetSparkDriver().MainClass = "Greeter"
	n.start(w)
	out := n.wait()
	for _, line := range []string{"sum 499500", "arguments [one, two words, ]", "property hello world"} {
		if !strings.Contains(out, line+"\n") {
			t.Errorf("the driver did not print %q:\n%s", line, out)
		}
	}
}

// greeter returns the JAR of the test's program.
func greeter(t *testing.T) string {
	t.Helper()
	return programOf(t, "Greeter")
}

// programOf compiles a program of testdata and returns its JAR.
func programOf(t *testing.T, class string) string {
	t.Helper()
	for _, tool := range []string{"javac", "jar"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("cannot build the test's JAR: %v", err)
		}
	}
	root, err := release.DefaultCache()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	jars := filepath.Join(root, label, "spark", "jars", "*")
	for _, command := range [][]string{
		{"javac", "-cp", jars, "-d", dir, "testdata/" + class + ".java"}, {"jar", "cf", dir + "/program.jar", "-C", dir, "."},
	} {
		if out, err := exec.Command(command[0], command[1:]...).CombinedOutput(); err != nil {
			t.Fatalf("%v: %v\n%s", command, err, out)
		}
	}
	return dir + "/program.jar"
}

// countsOf counts words without Spark.
func countsOf(text string) (lines []string) {
	counts := map[string]int{}
	for word := range strings.FieldsSeq(text) {
		counts[word]++
	}
	for word, count := range counts {
		lines = append(lines, fmt.Sprintf("count %s %d", word, count))
	}
	return lines
}

func write(t *testing.T, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

// A driver tells how far its jobs are: all stages and tasks from the beginning of a job on, more and more of them done,
// and nothing once the job is over, although it was told only now and then.
func TestD2_ADriverTellsHowFarItsJobsAre(t *testing.T) {
	n := newNode(t)
	script, err := filepath.Abs("testdata/stages.py")
	if err != nil {
		t.Fatal(err)
	}
	n.start(assignment(script, map[string]string{"spark.executor.instances": "1", "spark.executor.cores": "2"}))
	n.until("the job is told to be over", func() bool {
		n.mu.Lock()
		defer n.mu.Unlock()
		last := len(n.progress) - 1
		return last > 0 && n.progress[last].GetStages() == 0 && n.progress[last-1].GetStages() > 0
	})
	out := n.wait()
	if !strings.Contains(out, "[(0, 45), (1, 35), (2, 40)]") {
		t.Errorf("wrong result:\n%s", out)
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	done := -1
	seen := 0
	for _, p := range n.progress {
		if p.GetStages() != 2 || p.GetTasks() != 20 { // before the job, and after it
			continue
		}
		seen++
		if now := int(p.GetTasksDone()); now < done || p.GetStagesDone() == 1 && now < 16 {
			t.Errorf("%d tasks are done after %d: %v", now, done, p)
		}
		done = int(p.GetTasksDone())
	}
	if seen < 3 {
		t.Errorf("told %d times: %v", seen, n.progress)
	}
}
