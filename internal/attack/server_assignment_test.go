package attack

import (
	"context"
	"io"
	"log/slog"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/headrace/headrace/agent"
	"github.com/headrace/headrace/agent/engine"
	"github.com/headrace/headrace/agent/runtime"
	"github.com/headrace/headrace/internal/testcluster"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
)

// init is the shim of the workers of real agents, which start this binary for that.
func init() {
	if len(os.Args) > 1 && os.Args[1] == "shim" {
		os.Exit(runtime.ShimMain(os.Args[2:]))
	}
}

// weigher is an engine that holds what workers were assigned, and starts none of them before it is told to refuse all.
type weigher struct {
	refuse chan struct{}

	mu    sync.Mutex
	bytes map[string]int // of the environment, by worker
}

func (e *weigher) Prepare(ctx context.Context, w *agentv1.AssignedWorker, _ *runtime.Home) (runtime.Command, error) {
	bytes := 0
	for name, value := range w.GetProcess().GetEnvironment() {
		bytes += len(name) + len(value)
	}
	e.mu.Lock()
	e.bytes[w.GetWorkerId()] = bytes
	e.mu.Unlock()
	select {
	case <-ctx.Done():
	case <-e.refuse:
	}
	return runtime.Command{}, &engine.StartError{
		Reason:  agentv1.ExitReason_EXIT_REASON_FILE_NOT_FOUND,
		Message: "it was weighed",
	}
}

func (e *weigher) Attach(*agentv1.AssignedWorker, *runtime.Home) error { return nil }
func (e *weigher) Update(*agentv1.AssignedWorker)                      {}
func (e *weigher) Detach(string)                                       {}

// weighed returns how many workers came with that many bytes of environment.
func (e *weigher) weighed(least int) (n int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, bytes := range e.bytes {
		if bytes >= least {
			n++
		}
	}
	return n
}

// agent runs the real code of an agent, which offers the most room of all, until the test ends.
func (w *serverWorld) agent(programs engine.Engine) {
	w.t.Helper()
	config := agent.DefaultConfig()
	config.DataDir = w.t.TempDir()
	config.NodeName = "real"
	config.Zone = "z"
	config.Host = "127.0.0.1"
	config.Cgroup = ""
	config.MilliCPU = 1_000_000
	config.MemoryMiB = 1 << 20
	config.DiskMiB = 1 << 20
	config.DiskFullPercent = 100
	config.Logger = slog.New(slog.NewTextHandler(io.Discard, nil))
	for _, s := range w.cluster.Servers {
		config.Servers = append(config.Servers, s.Address())
	}
	a, err := agent.New(config, engine.Engines{Process: programs})
	w.must(err)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- a.Run(ctx) }()
	w.t.Cleanup(func() {
		cancel()
		w.must(<-ended)
	})
}

// A job array with an environment of 200 KB made an assignment of 120 MB, which its agent refused: the node registered
// again and again, kept its lease, and its runs hung for ever.
func TestServerAssignment_OfALargeEnvironmentToManyTasksIsTaken(t *testing.T) {
	if !apart(t) {
		return
	}
	const tasks, variable = 600, 100_000
	w := newServerWorld(t, testcluster.Config{})
	engine := &weigher{refuse: make(chan struct{}), bytes: map[string]int{}}
	w.agent(engine)
	ctx := testcluster.Within(t)
	var registered string
	testcluster.Eventually(t, "the agent's node", func() bool {
		node, err := w.client().GetNode(ctx, &controlv1.GetNodeRequest{NodeId: "real"})
		registered = node.GetNode().GetRegisteredAt().String()
		return err == nil && node.GetNode().GetState() == "READY"
	})
	mine := w.process(nil)
	run := w.submit(mine, tasks, func(p *specv1.Process) {
		p.SetEnvironment(map[string]string{"A": strings.Repeat("a", variable), "B": strings.Repeat("b", variable)})
	})
	testcluster.Eventually(
		t,
		"all workers to have come with their environment",
		func() bool { return engine.weighed(2*variable) == tasks+1 },
	)
	w.others()
	node, err := w.client().GetNode(ctx, &controlv1.GetNodeRequest{NodeId: "real"})
	w.must(err)
	if n := node.GetNode(); n.GetState() != "READY" || n.GetRegisteredAt().String() != registered ||
		n.GetStateDetails() != "" {
		t.Errorf("the node is %s, %q, and registered again at %s", n.GetState(), n.GetStateDetails(), n.GetRegisteredAt())
	}
	close(engine.refuse)
	testcluster.Eventually(
		t,
		"the run to end as its node says",
		func() bool { return w.run(mine, run).GetState() == "FAILED" },
	)
}
