package spark

import (
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// A program that has ended is over, whatever lives on in its JVM: its executors go, and the process ends as its main
// did.
func TestA3_AProgramThatEndedIsOver(t *testing.T) {
	for name, c := range map[string]struct {
		argument string
		code     int
	}{
		"Returned": {argument: "return", code: 0},
		"Threw":    {argument: "throw", code: 1},
	} {
		t.Run(name, func(t *testing.T) {
			n := newNode(t)
			w := assignment("local://"+programOf(t, "Lingers"), map[string]string{
				"spark.executor.instances": "1", "spark.headrace.exitGrace": "2s",
			}, c.argument)
			w.GetSparkDriver().MainClass = "Lingers"
			n.start(w)
			n.ends(c.code)
			if out := n.read("driver.out"); !strings.Contains(out, "sum 499500\n") {
				t.Errorf("the driver printed:\n%s", out)
			}
			if log := n.read("driver.err"); !strings.Contains(log, "unclosed-pool") {
				t.Error("the log does not name the thread that lived")
			}
			if log := n.read("driver.err"); (c.code != 0) != strings.Contains(log, "this program fails") {
				t.Error("the log does not say what main threw, or says what it did not")
			}
		})
	}
}

// Barrier mode has a timer that outlives its context: a program cannot even end it.
func TestA3_APythonThatExitedIsOver(t *testing.T) {
	n := newNode(t)
	script, err := filepath.Abs("testdata/barrier.py")
	if err != nil {
		t.Fatal(err)
	}
	n.start(assignment("file://"+script, map[string]string{
		"spark.executor.instances": "1", "spark.headrace.exitGrace": "2s",
	}))
	n.ends(0)
	if out := n.read("driver.out"); !strings.Contains(out, "sum 45\n") {
		t.Errorf("the driver printed:\n%s", out)
	}
}

// ends waits for the driver's end with a code, and for no executor to be left that it asked for.
func (n *node) ends(code int) {
	n.t.Helper()
	select {
	case got := <-n.exited:
		if got != code {
			n.t.Errorf("the driver ended with code %d, want %d", got, code)
		}
	case <-time.After(2 * time.Minute):
		n.t.Fatal("the driver did not end in two minutes")
	}
	n.until("the end of all executors", func() bool { n.mu.Lock(); defer n.mu.Unlock(); return len(n.live) == 0 })
	n.mu.Lock()
	defer n.mu.Unlock()
	if target := n.wanted.GetTarget(); target != 0 {
		n.t.Errorf("a driver that ended wants %d executors", target)
	}
}
