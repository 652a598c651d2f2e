package spark

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
)

// hearShortage returns what is told next.
func (p *peer) hearShortage() (told shortage) {
	p.t.Helper()
	if !p.lines.Scan() {
		p.t.Fatalf("the connection ended: %v", p.lines.Err())
	}
	if err := json.Unmarshal(p.lines.Bytes(), &told); err != nil {
		p.t.Fatal(err)
	}
	return told
}

// A driver is told at once of executors that it cannot have, again when that changes, when it is over, and after every
// connect, also that there is no shortage (any more).
func TestA14_IsToldAtOnceOverItsSocket(t *testing.T) {
	dir := t.TempDir()
	e, w, _ := attached(t, dir)
	first := call(t, socketIn(e, dir), token(w))
	first.hear()
	if got := first.hearShortage(); got != (shortage{}) {
		t.Errorf("before there is a shortage it is told of %v", got)
	}
	for _, short := range []*agentv1.Shortage{{Message: "no", Executors: 1}, {Message: "no", Executors: 2}, nil} {
		w = proto.CloneOf(w)
		w.Shortage = short
		e.Update(w)
		want := shortage{Shortage: short.GetMessage(), Executors: short.GetExecutors()}
		if got := first.hearShortage(); got != want {
			t.Errorf("told is %v, want %v", got, want)
		}
		e.Update(w)
	}
	w = proto.CloneOf(w)
	w.Shortage = &agentv1.Shortage{Message: "again"}
	e.Update(w)
	if got := first.hearShortage(); got.Shortage != "again" {
		t.Errorf("told is %v", got)
	}
	second := call(t, socketIn(e, dir), token(w))
	second.hear()
	if got := second.hearShortage(); got.Shortage != "again" {
		t.Errorf("a new connection was told %v", got)
	}
	w = proto.CloneOf(w)
	w.Shortage = nil
	_ = second.conn.Close()
	e.Update(w)
	third := call(t, socketIn(e, dir), token(w))
	third.hear()
	if got := third.hearShortage(); got != (shortage{}) {
		t.Errorf("the shortage was over while the driver was cut off, and it was told %v", got)
	}
}

// The log has a line at once, and others rarely; what there cannot be is not waited for, but one executor always is.
func TestA14_IsToldAtOnceAndThenRarely(t *testing.T) {
	out := runJava(t, "Shortages", t.TempDir())
	for _, line := range []string{
		"before: 3 of 3, 0 of 0",
		"short: 2 of 3, 1 of 1, 0 of 0",
		"none: 1 of 3, 0 of 0",
		"over: 3 of 3",
		"cannot give the driver all executors now: the first",
		"cannot give the driver all executors now: later",
	} {
		if !strings.Contains(out, line+"\n") {
			t.Errorf("it did not say %q", line)
		}
	}
	if strings.Contains(out, "at once") || strings.Contains(out, "too early") {
		t.Error("it said more")
	}
	if t.Failed() {
		t.Log(out)
	}
}

// A driver that asks for two executors and may have one says so in its log, and begins with the one: Spark alone would
// wait for the other.
func TestA14_IsToldAtOnceInItsLog(t *testing.T) {
	n := newNode(t)
	n.most = 1
	script, err := filepath.Abs("testdata/short.py")
	if err != nil {
		t.Fatal(err)
	}
	n.start(assignment("file://"+script, map[string]string{
		"spark.executor.instances":                          "2",
		"spark.scheduler.minRegisteredResourcesRatio":       "1",
		"spark.scheduler.maxRegisteredResourcesWaitingTime": "1h",
	}))
	if out := n.wait(); out != "had 1 executors, sum 6\n" {
		t.Errorf("the driver printed %q", out)
	}
	said := n.read("driver.err")
	if want := "WARN Shortage: cannot give the driver all executors now: it has 1 of 2"; !strings.Contains(said, want) {
		t.Errorf("the driver's log does not say %q", want)
	}
	if strings.Contains(said, "Initial job has not accepted any resources") {
		t.Error("Spark itself had to warn")
	}
}
