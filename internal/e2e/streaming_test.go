package e2e

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
)

// A stream whose driver is killed goes on from its checkpoint in the next attempt: every line that came in goes out
// once. From its first attempt on its logs are kept apart.
func TestCase08_StreamGoesOnFromItsCheckpoint(t *testing.T) {
	c, application := sparkCluster(t, shape{nodes: []string{"a-1", "a-2"}, cpu: 4000, change: quickly})
	s := newStream(c)
	s.feed(0, 10)
	spec := spark(testdata(t, "streaming.py"), sized(1), s.in, s.out, s.checkpoint)
	spec.SetMode(specv1.JobRunMode_JOB_RUN_MODE_STREAMING)
	run := c.submit(application, spec)
	s.arrived(5, 2*time.Minute)
	t.Run("TestCase07_LogsOfAStreamAreApart", func(t *testing.T) {
		if got := c.in(t).logs(run); len(got) == 0 || !strings.HasPrefix(got[0], "attempts/1/") {
			t.Errorf("logs in %v", got)
		}
	})
	s.feed(10, 20)
	c.killDriver(c.running(run, 2, time.Minute)[0])
	s.feed(20, 30)
	s.arrived(30, 3*time.Minute)
	if attempts := c.attempts(run); len(attempts) != 2 || attempts[0].GetState() != "FAILED" ||
		attempts[1].GetState() != "RUNNING" {
		t.Errorf("attempts %v", attempts)
	}
	c.run("job-run", "cancel", application, run.GetJobRunId())
	c.ends(run, "CANCELLED", time.Minute)
	s.arrived(30, time.Second)
}

// killDriver kills the processes of a worker.
func (c *cluster) killDriver(w *controlv1.Worker) {
	c.t.Helper()
	for _, p := range workerProcs(w.GetWorkerId()) {
		_ = syscall.Kill(p.pid, syscall.SIGKILL)
	}
}

// stream is numbered lines that go in, one file each, and come out.
type stream struct {
	c                   *cluster
	in, out, checkpoint string
}

func newStream(c *cluster) *stream {
	s := &stream{c: c, in: c.shared("in"), out: c.shared("out"), checkpoint: c.shared("checkpoint")}
	for _, dir := range []string{s.in, s.out, s.checkpoint} {
		openDir(c.t, dir)
	}
	return s
}

// feed makes a file for every number.
func (s *stream) feed(from, to int) {
	s.c.t.Helper()
	for n := from; n < to; n++ {
		name := filepath.Join(s.in, fmt.Sprintf("%04d.txt", n))
		err := os.WriteFile(name+".new", []byte(strconv.Itoa(n)+"\n"), 0o644) //nolint:gosec // as above
		if err == nil {
			err = os.Rename(name+".new", name)
		}
		if err != nil {
			s.c.t.Fatal(err)
		}
	}
}

// arrived waits until so many different lines were committed, and holds that none was twice.
func (s *stream) arrived(least int, within time.Duration) {
	s.c.t.Helper()
	eventually(s.c.t, within, fmt.Sprintf("%d lines arrive", least), func() error {
		lines := s.committed()
		slices.Sort(lines)
		if distinct := slices.Compact(slices.Clone(lines)); len(distinct) != len(lines) {
			s.c.t.Fatalf("lines arrived twice: %v", lines)
		}
		if len(lines) < least {
			return fmt.Errorf("%d did", len(lines))
		}
		return nil
	})
}

// committed reads the lines of the files that the sink's own log names: what a reader of the table sees.
func (s *stream) committed() (lines []string) {
	logs, _ := filepath.Glob(filepath.Join(s.out, "_spark_metadata", "[0-9]*"))
	seen := map[string]bool{}
	for _, log := range logs {
		file, err := os.Open(log)
		if err != nil {
			continue
		}
		for scanner := bufio.NewScanner(file); scanner.Scan(); {
			var entry struct{ Path, Action string }
			if json.Unmarshal(scanner.Bytes(), &entry) == nil && entry.Action == "add" && !seen[entry.Path] {
				seen[entry.Path] = true
				lines = append(lines, linesOf(entry.Path)...)
			}
		}
		_ = file.Close()
	}
	return lines
}

func linesOf(uri string) []string {
	parsed, err := url.Parse(uri)
	if err != nil {
		return nil
	}
	content, _ := os.ReadFile(parsed.Path)
	return strings.Fields(string(content))
}
