package attack

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/grpcerr"
	"github.com/headrace/headrace/internal/resource"
	"github.com/headrace/headrace/internal/simnode"
	"github.com/headrace/headrace/internal/testcluster"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
)

// Thousands of the smallest workers were placed on one node, whose loss then was one step of more than a megabyte: it
// was never written, its runs hung for ever, and the next leader tried the same.
func TestServerStep_ANodeFullOfTheSmallestWorkersIsLost(t *testing.T) {
	if !apart(t) {
		return
	}
	w := newServerWorld(t, testcluster.Config{Lease: 10 * time.Second})
	mine := w.process(func(a *specv1.Application) { a.SetName("mine") })
	for least, size := range map[string]*specv1.ProcessSize{
		"0.1 vCPU": specv1.ProcessSize_builder{MilliCpu: new(int64(1)), MemoryMib: new(int64(32))}.Build(),
		"32 MB":    specv1.ProcessSize_builder{MilliCpu: new(int64(100)), MemoryMib: new(int64(1))}.Build(),
	} {
		tiny := specv1.Process_builder{Command: []string{"x"}, Tasks: new(uint32(999)), TaskSize: size}.Build()
		_, err := w.client().StartJobRun(testcluster.Within(t), &controlv1.StartJobRunRequest{
			ApplicationId: mine,
			Spec:          processRun(tiny),
		})
		if err = grpcerr.FromStatus(err); !errs.Is(err, errs.Invalid) || !strings.Contains(err.Error(), least) {
			t.Errorf("%v: %v", size, err)
		}
	}
	big := w.cluster.Node(testcluster.NodeConfig{
		Name:      "big",
		Zone:      "z",
		MilliCPU:  2_000_000,
		MemoryMiB: 1 << 30,
		DiskMiB:   1 << 30,
		Script:    func(*agentv1.AssignedWorker) simnode.Program { return simnode.Hangs() },
	})
	var runs []string
	for range 12 { // 12,000 workers, for which the machine has room
		runs = append(runs, w.submit(mine, 999, func(p *specv1.Process) { p.SetTaskRetries(1) }))
	}
	ctx := testcluster.Within(t)
	testcluster.Eventually(t, "the node to be full", func() bool {
		node, err := w.client().GetNode(ctx, &controlv1.GetNodeRequest{NodeId: big.ID})
		return err == nil && node.GetNode().GetWorkers() == 4000
	})
	explained, err := w.client().ExplainJobRun(ctx, &controlv1.ExplainJobRunRequest{
		ApplicationId: mine,
		JobRunId:      runs[11],
	})
	w.must(err)
	if said := fmt.Sprint(explained); !strings.Contains(said, fmt.Sprintf("%d", resource.MaxSlots)) {
		t.Errorf("the last run waits without a word of the node's bound: %s", said)
	}
	w.others()
	big.Crash()
	w.cluster.AwaitNode(big, "LOST")
	for _, run := range runs {
		if state := w.run(mine, run).GetState(); state == "RUNNING" {
			t.Errorf("run %s is %s on a node that is lost", run, state)
		}
	}
	w.others()
	_, err = w.client().StopApplication(ctx, &controlv1.StopApplicationRequest{ApplicationId: mine, Force: true})
	w.must(err)
}
