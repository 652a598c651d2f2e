package e2e

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"testing"
	"time"

	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
)

// All servers are killed and come back a minute later, as a program that writes a line a second counts it: it went on.
func TestServers_WorkersGoOnWithoutThem(t *testing.T) {
	t.Parallel()
	c := newCluster(t, shape{nodes: []string{"a-1", "b-1"}, cpu: 4000})
	lines := c.shared("lines")
	run := c.submit(c.application(specv1.Engine_ENGINE_PROCESS, ""), script(fmt.Sprintf(
		`i=0; until [ -e %s/go ]; do i=$((i+1)); echo $i >> %s; sleep 1; done`, c.shared(), lines)))
	c.running(run, 1, time.Minute)
	before := len(c.file(lines, 2, time.Minute))
	for _, s := range c.servers {
		s.kill()
	}
	c.file(lines, before+60, 2*time.Minute)
	for _, s := range c.servers {
		s.start()
	}
	c.ready(2)
	c.open(c.shared())
	c.ends(run, "SUCCESS", time.Minute)
	all := c.file(lines, before+60, time.Second)
	for i, line := range all {
		if line != strconv.Itoa(i+1) {
			t.Fatalf("line %d is %q: the program was started again", i+1, line)
		}
	}
	if workers := c.workers(run); len(workers) != 1 || workers[0].GetEpoch() != 1 {
		t.Errorf("workers %v", workers)
	}
}

// allAlive says which server is away.
func (c *cluster) allAlive() error {
	status := c.status()
	if len(status.GetServers()) < nServers {
		return fmt.Errorf("servers %v", status.GetServers())
	}
	if !slices.ContainsFunc(status.GetServers(), (*controlv1.Server).GetLeader) {
		return errors.New("no server leads")
	}
	for _, s := range status.GetServers() {
		if !s.GetAlive() {
			return fmt.Errorf("%s is away", s.GetServerId())
		}
	}
	return nil
}
