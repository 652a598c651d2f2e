package e2e

import (
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// examples returns the directory of the examples.
func examples(t *testing.T) string {
	t.Helper()
	dir, err := filepath.Abs("../../examples")
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// The word count on a cluster prints what Spark alone prints, and it runs on more than one node.
func TestSpark_WordCountEqualsLocalSpark(t *testing.T) {
	home := sparkHome(t)
	program := filepath.Join(examples(t), "word-count", "wordcount.py")
	text := "file://" + filepath.Join(filepath.Dir(program), "text.txt")
	local := exec.CommandContext(
		t.Context(),
		filepath.Join(home, "bin", "spark-submit"),
		"--master",
		"local[2]",
		program,
		text,
		"100000",
	)
	local.Dir = newDir(t)
	want, err := local.Output()
	if err != nil {
		t.Fatalf("Spark alone: %v", err)
	}

	c, application := sparkCluster(t, shape{nodes: []string{"a-1", "a-2", "b-1", "b-2"}, cpu: 4000})
	run := c.submit(application, spark(program, sized(3), text, "100000"))
	c.ends(run, "SUCCESS", 2*time.Minute)
	if got := c.output(run); got != string(want) || len(want) < 1000 {
		t.Errorf(
			"the cluster printed %d bytes, Spark alone %d; the cluster:\n%.500s\nSpark alone:\n%.500s",
			len(got),
			len(want),
			got,
			want,
		)
	}
	nodes := map[string]bool{}
	zones := map[string]bool{}
	executors := 0
	for _, w := range c.workers(run) {
		zones[w.GetZone()] = true
		if w.GetType() == "EXECUTOR" {
			executors++
			nodes[w.GetNodeName()] = true
		}
	}
	if executors != 3 || len(nodes) < 2 || len(zones) != 1 {
		t.Errorf("%d executors on nodes %v in zones %v", executors, nodes, zones)
	}
}
