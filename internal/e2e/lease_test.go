package e2e

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
)

// An agent hangs: its shims kill the workers at the lease's end by themselves, before the node is declared lost and
// anything takes their place; when it goes on, the node is ready again.
func TestLease_EndsWorkersOfAnAgentThatHangs(t *testing.T) {
	c := newCluster(t, shape{nodes: []string{"a-1", "b-1"}, cpu: 4000, lease: 4 * time.Second})
	beats := c.shared("beats")
	spec := script(fmt.Sprintf(`while :; do
	echo "$HEADRACE_ATTEMPT $(date +%%s%%N)" >> %s
	[ $HEADRACE_ATTEMPT = 2 -a -e %s/go ] && exit 0
	sleep 0.02
done`, beats, c.shared()))
	run := c.submit(c.application(specv1.Engine_ENGINE_PROCESS, ""), retried(spec, 2))
	driver := c.running(run, 1, time.Minute)[0]
	c.file(beats, 5, time.Minute)
	lost := c.nodeLost(driver.GetNodeId())

	agent := c.agents[driver.GetNodeName()]
	agent.signal(syscall.SIGSTOP)
	defer func() {
		if agent.running() {
			agent.signal(syscall.SIGCONT)
		}
	}()
	at := <-lost
	if at.IsZero() {
		t.Fatal("the node was not declared lost")
	}
	if left := workerProcs(driver.GetWorkerId()); len(left) > 0 {
		t.Errorf("the node is lost, and its worker lives: %v", left)
	}
	eventually(t, time.Minute, "attempt 2 runs", func() error {
		last := c.get(run)
		if last.GetAttempt() != 2 || last.GetState() != "RUNNING" {
			return fmt.Errorf("the run is %v", last)
		}
		return nil
	})
	c.open(c.shared())
	c.ends(run, "SUCCESS", time.Minute)
	checkBeats(t, c.file(beats, 6, time.Minute), at)
	agent.signal(syscall.SIGCONT)
	c.ready(2)
}

// nodeLost watches a node, and gives the time at which it is declared lost; the zero time if that cannot be seen.
func (c *cluster) nodeLost(node string) <-chan time.Time {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(c.t.Context(), 2*time.Minute)
	cluster := controlv1.NewClusterServiceClient(c.client)
	stream, err := cluster.WatchEvents(ctx, &controlv1.WatchEventsRequest{NodeId: node})
	if err != nil {
		cancel()
		c.t.Fatal(err)
	}
	lost := make(chan time.Time, 1)
	go func() {
		defer cancel()
		for {
			event, err := stream.Recv()
			if err != nil {
				lost <- time.Time{}
				return
			}
			if event.GetKind() == "NodeLost" {
				lost <- event.GetTime().AsTime()
				return
			}
		}
	}()
	return lost
}

// checkBeats checks that attempt 1's last sign of life is older than the node's loss, and than attempt 2's first.
func checkBeats(t *testing.T, beats []string, lost time.Time) {
	t.Helper()
	var last, first time.Time
	for _, beat := range beats {
		attempt, nanos, _ := strings.Cut(beat, " ")
		value, err := strconv.ParseInt(nanos, 10, 64)
		if err != nil {
			t.Fatalf("beat %q: %v", beat, err)
		}
		at := time.Unix(0, value)
		if attempt == "1" && at.After(last) {
			last = at
		}
		if attempt == "2" && (first.IsZero() || at.Before(first)) {
			first = at
		}
	}
	t.Logf("attempt 1 ended %s before the node was lost, and %s before attempt 2 began", lost.Sub(last), first.Sub(last))
	if last.IsZero() || first.IsZero() || !last.Before(lost) || !last.Before(first) {
		t.Errorf("attempt 1's last sign %s, node lost %s, attempt 2's first sign %s", last, lost, first)
	}
}
