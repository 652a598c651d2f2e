package spark

import (
	"path/filepath"
	"regexp"
	"testing"

	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
)

// What a program asks for in its own settings is honoured if it fits into the executors that were submitted. Otherwise
// it is an exception in the program, with the numbers. Nothing is accepted and ignored.
func TestA14_SettingsOfTheProgramAreHonouredOrRefused(t *testing.T) {
	n := newNode(t)
	script, err := filepath.Abs("testdata/asks.py")
	if err != nil {
		t.Fatal(err)
	}
	n.start(assignment("file://"+script, map[string]string{
		"spark.executor.instances":  "2",
		"spark.executor.memory":     "512m",
		"spark.executorEnv.GIVEN":   "a b",
		"spark.executorEnv.ANOTHER": " ends ",
	}))
	out := n.wait()
	for _, line := range []string{
		`same had 1 executors, sum 6`,
		`request for 5 more: False`,
		`same failed: .*cannot schedule a stage with resources of its own.*all executors of a run have one size`,
		`less had 1 executors, sum 6`,
		`elastic had 1 executors, sum 6`,
		`memory failed: .*with 1 cores and 9011 MiB \(8192 of heap and 819 beside it\): ` +
			`it asks for them with spark.executor.memory=8g, and this run was submitted with executors ` +
			`with 1 cores and 896 MiB \(512 of heap and 384 beside it\)\. Set it where`,
		`cores failed: .*spark.executor.cores=4`,
		`overhead failed: .*spark.executor.memoryOverhead=1g`,
		`instances failed: .*spark.executor.instances=3: this run was submitted with at most 2 executors`,
		`maximum failed: .*spark.dynamicAllocation.maxExecutors=7: this run was submitted with at most 2 executors`,
		`environment failed: .*cannot set spark.executorEnv.MINE in the program`,
		`blanks failed: .*cannot set spark.executorEnv.GIVEN in the program`,
		`options failed: .*cannot set spark.executor.extraJavaOptions in the program`,
		`grace failed: .*soon`,
	} {
		if !regexp.MustCompile(`(?m)^` + line).MatchString(out) {
			t.Errorf("the driver did not print %q", line)
		}
	}
	if regexp.MustCompile(`secret-value`).MatchString(out) {
		t.Error("the value of a variable was printed")
	}
	if t.Failed() {
		t.Log(out)
	}
}

// An executor is as small as its driver's program wants it, and never larger than its worker.
func TestA14_ExecutorsHaveTheSizeThatTheirDriverAsksFor(t *testing.T) {
	w := &agentv1.AssignedWorker{MemoryMib: 2048}
	for name, c := range map[string]struct {
		cores, heap string
		wantCores   uint64
		wantHeap    int64
	}{
		"As submitted":  {wantCores: 4, wantHeap: 1024},
		"Smaller":       {cores: "2", heap: "512", wantCores: 2, wantHeap: 512},
		"Less beside":   {cores: "4", heap: "1500", wantCores: 4, wantHeap: 1500},
		"Out of bounds": {cores: "64", heap: "99999", wantCores: 4, wantHeap: 2048},
		"Nonsense":      {cores: "-1", heap: "x", wantCores: 4, wantHeap: 1024},
	} {
		launch := &agentv1.ExecutorLaunch{Properties: map[string]string{launchCores: c.cores, launchHeap: c.heap}}
		x := &agentv1.SparkExecutor{Launch: launch, HeapMib: 1024, Cores: 4}
		cores := coresOf(x)
		heap := heapOf(w, x)
		if cores != c.wantCores || heap != c.wantHeap {
			t.Errorf("%s: %d cores and %d MiB, want %d and %d", name, cores, heap, c.wantCores, c.wantHeap)
		}
	}
	launch := &agentv1.ExecutorLaunch{Properties: map[string]string{launchHeap: "512"}}
	x := &agentv1.SparkExecutor{Launch: launch, HeapMib: 1024, Cores: 4}
	if heap := executorJVM(layout{}, w, x).heapMiB; heap != 512 {
		t.Errorf("the JVM has a heap of %d MiB, want 512", heap)
	}
}
