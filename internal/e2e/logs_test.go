package e2e

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"google.golang.org/grpc"

	"github.com/headrace/headrace/internal/logpath"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
	"github.com/headrace/headrace/server/logs"
)

// The driver of these tests writes numbered lines of 100 bytes, in steps with a pause between them; after each step it
// says in a file when, and how many lines there are.
const (
	lineBytes = 100
	numbers   = `
i=0
while [ $i -lt %[2]d ]; do
  seq -f '%%099.0f' $((i * %[3]d + 1)) $(((i + 1) * %[3]d))
  i=$((i + 1))
  echo "$(date +%%s%%N) $((i * %[3]d))" >> %[1]s/steps
  sleep 0.2
done
%[4]s`
)

// follower is a job-run logs --follow that checks what it reads as it comes.
type follower struct {
	cmd  *exec.Cmd
	done chan struct{}

	mu    sync.Mutex
	lines int
	err   error
	said  bytes.Buffer // on stderr
}

// follow starts a follower of a driver's stdout.
func (c *cluster) follow(run *controlv1.JobRun) *follower {
	c.t.Helper()
	f := &follower{done: make(chan struct{})}
	f.cmd = exec.Command(binary, "job-run", "logs", run.GetApplicationId(), run.GetJobRunId(), "--follow")
	f.cmd.Env = append(os.Environ(), "HEADRACE_SERVER="+strings.Join(c.addresses(1), ","))
	f.cmd.Stderr = &f.said
	out, err := f.cmd.StdoutPipe()
	if err == nil {
		err = f.cmd.Start()
	}
	if err != nil {
		c.t.Fatal(err)
	}
	c.t.Cleanup(func() { _ = f.cmd.Process.Kill(); <-f.done })
	go func() {
		defer close(f.done)
		f.check(bufio.NewReader(out))
		if err := f.cmd.Wait(); err != nil {
			f.fail(fmt.Errorf("it ended with %w: %s", err, f.said.String()))
		}
	}()
	return f
}

// check reads lines and holds that each is the one behind the last.
func (f *follower) check(out *bufio.Reader) {
	for {
		line, err := out.ReadSlice('\n')
		if err != nil {
			if len(line) > 0 {
				f.fail(fmt.Errorf("a line is not whole: %q", line))
			}
			return
		}
		f.mu.Lock()
		f.lines++
		if f.err == nil && !isNumber(line, f.lines) {
			f.err = fmt.Errorf("line %d is %q", f.lines, line)
		}
		f.mu.Unlock()
	}
}

func isNumber(line []byte, number int) bool {
	return len(line) == lineBytes && string(line[lineBytes-11:lineBytes-1]) == fmt.Sprintf("%010d", number)
}

func (f *follower) fail(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.err == nil {
		f.err = err
	}
}

func (f *follower) state() (lines int, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.lines, f.err
}

// reaches waits until the follower has read that many lines.
func (c *cluster) reaches(f *follower, lines int) {
	c.t.Helper()
	eventually(c.t, time.Minute, fmt.Sprintf("the follower has %d lines", lines), func() error {
		got, err := f.state()
		if err != nil {
			c.t.Fatal(err)
		}
		if got < lines {
			return fmt.Errorf("it has %d", got)
		}
		return nil
	})
}

// ended waits until the follower has ended by itself, and returns how many lines it read.
func (c *cluster) ended(f *follower) int {
	c.t.Helper()
	limit := time.NewTimer(time.Minute)
	defer limit.Stop()
	select {
	case <-f.done:
	case <-limit.C:
		lines, _ := f.state()
		c.t.Fatalf("the follower does not end; it has %d lines", lines)
	}
	lines, err := f.state()
	if err != nil {
		c.t.Fatal(err)
	}
	return lines
}

// countLines holds that the driver's stdout, read through the command line, is numbered lines, and returns how many.
func (c *cluster) countLines(run *controlv1.JobRun) int {
	c.t.Helper()
	f := &follower{}
	f.check(bufio.NewReader(strings.NewReader(c.output(run))))
	if f.err != nil {
		c.t.Fatal(f.err)
	}
	return f.lines
}

// nodeState waits until a node is in a state.
func (c *cluster) nodeState(name, state string, within time.Duration) {
	c.t.Helper()
	eventually(c.t, within, name+" is "+state, func() error {
		nodes, err := controlv1.NewNodeServiceClient(c.client).ListNodes(c.t.Context(), &controlv1.ListNodesRequest{})
		if err != nil {
			return err
		}
		for _, n := range nodes.GetNodes() {
			if n.GetName() == name && n.GetState() != state {
				return fmt.Errorf("it is %s", n.GetState())
			}
		}
		return nil
	})
}

// An agent and a server, the leader, are killed while a driver writes 100 MB of numbered lines and somebody follows
// them: every line is there once and in order, then, and afterwards from storage when the node is gone.
func TestLogs_AreWholeWhenAgentAndLeaderAreKilled(t *testing.T) {
	const steps, step = 100, 10_000
	c := newCluster(t, shape{nodes: []string{"a-1"}, cpu: 4000, lease: 5 * time.Second})
	run := c.submit(
		c.application(specv1.Engine_ENGINE_PROCESS, ""),
		script(fmt.Sprintf(numbers, c.shared(), steps, step, "")),
	)
	f := c.follow(run)
	c.reaches(f, steps*step/10)
	agent := c.agents["a-1"]
	agent.kill()
	agent.start()
	c.reaches(f, steps*step*4/10)
	c.killLeader()
	c.ends(run, "SUCCESS", 2*time.Minute)
	if lines := c.ended(f); lines != steps*step {
		t.Errorf("the follower read %d lines", lines)
	}
	if lines := c.countLines(run); lines != steps*step {
		t.Errorf("the node has %d lines", lines)
	}
	c.shipped(run, steps*step)
	agent.end(syscall.SIGTERM)
	c.nodeState("a-1", "LOST", time.Minute)
	if lines := c.countLines(run); lines != steps*step {
		t.Errorf("%d lines are stored", lines)
	}
}

// A node is lost while its driver writes: the follower ends by itself, is told why, and what was older than five
// seconds is there.
func TestLogs_OlderThanFiveSecondsOutliveTheirNode(t *testing.T) {
	const step = 100
	c := newCluster(t, shape{nodes: []string{"a-1"}, cpu: 4000, lease: 5 * time.Second})
	run := c.submit(
		c.application(specv1.Engine_ENGINE_PROCESS, ""),
		script(fmt.Sprintf(numbers, c.shared(), 1_000_000, step, "")),
	)
	f := c.follow(run)
	c.reaches(f, 50*step) // ten seconds
	killed := time.Now()
	c.killNode("a-1")
	old := 0
	for _, line := range c.file(c.shared("steps"), 1, time.Second) {
		var at, lines int64
		if _, err := fmt.Sscan(line, &at, &lines); err == nil && at < killed.Add(-5*time.Second).UnixNano() {
			old = int(lines)
		}
	}
	c.nodeState("a-1", "LOST", time.Minute)
	read := c.ended(f)
	if !strings.Contains(f.said.String(), "the node was lost") {
		t.Errorf("the follower said %q", f.said.String())
	}
	if stored := c.countLines(run); old == 0 || stored < old || read < stored {
		t.Errorf("%d lines are stored, %d were older than 5 s, the follower read %d", stored, old, read)
	}
}

// shipped waits until the servers together have that many lines of a driver's stdout.
func (c *cluster) shipped(run *controlv1.JobRun, lines int) {
	c.t.Helper()
	eventually(c.t, time.Minute, "the whole log is on the servers", func() error {
		var stored int64
		for _, s := range c.servers {
			stored = max(stored, c.stored(s.name, run))
		}
		if stored != int64(lines)*lineBytes {
			return fmt.Errorf("%d bytes of %d are", stored, lines*lineBytes)
		}
		return nil
	})
}

// stored returns how much of a driver's stdout a server has.
func (c *cluster) stored(server string, run *controlv1.JobRun) (end int64) {
	c.t.Helper()
	store, err := logs.Open(c.path("servers", server, "job-logs"))
	if err != nil {
		c.t.Fatal(err)
	}
	defer store.Close()
	driver := logpath.Worker{
		Attempt: logpath.Attempt{Application: run.GetApplicationId(), Run: run.GetJobRunId()},
		Type:    "DRIVER",
		Process: true,
	}
	stream := logs.Stream{
		Backend: &logs.Replicas{Local: store, Peers: func() []grpc.ClientConnInterface { return nil }},
		Folder:  driver.Folder(),
		Name:    "stdout",
	}
	_, err = stream.Copy(c.t.Context(), 0, func(at int64, data []byte) error { end = at + int64(len(data)); return nil })
	if err != nil {
		c.t.Fatal(err)
	}
	return end
}
