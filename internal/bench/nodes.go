package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/headrace/headrace/internal/every"
	"github.com/headrace/headrace/internal/simnode"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
)

// manyNodes is how many nodes are simulated.
var manyNodes = flag.Int("nodes", 5000, "simulated nodes, each with a real agent")

const (
	nodeStarters = 16               // agents that are started at once
	nodeCallers  = 64               // that submit at once
	nodeRuns     = 4000             // that they submit
	idleFor      = 10 * time.Second // of watching what nodes cost that do nothing

	nodesLook = 50 * time.Millisecond // between looks whether all are there
)

// measureNodes measures servers with very many nodes: how long they take to register, what they cost, and how many runs
// a second end on them. Servers and agents share this machine and this process.
func measureNodes(ctx context.Context, to *figures, _ string) error {
	return onServers(ctx, func(leader *controlServer) (err error) {
		c := &crowd{leader: leader, connections: simnode.Plain()}
		if c.dir, err = os.MkdirTemp("", "headrace-nodes-"); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, c.close()) }()
		if err := c.measureRegistration(ctx, to); err != nil {
			return err
		}
		if err := c.measureIdle(ctx, to); err != nil {
			return err
		}
		return c.measureRuns(ctx, to)
	})
}

// crowd is very many nodes.
type crowd struct {
	leader      *controlServer
	dir         string
	connections *simnode.Connections
	nodes       []*simnode.Node
}

func (c *crowd) conditions(format string, args ...any) string {
	return fmt.Sprintf("%d nodes with real agents whose workers are functions, and three servers with fsync, in one "+
		"process; %s", *manyNodes, fmt.Sprintf(format, args...))
}

// measureRegistration starts the nodes, and waits until the cluster has all of them.
func (c *crowd) measureRegistration(ctx context.Context, to *figures) error {
	began := time.Now()
	if err := c.start(ctx); err != nil {
		return err
	}
	client := controlv1.NewClusterServiceClient(c.leader.conn)
	for ready := 0; ready < *manyNodes; {
		status, err := client.GetClusterStatus(ctx, &controlv1.GetClusterStatusRequest{})
		if err != nil {
			return err
		}
		ready = int(status.GetNodesReady())
		if !every.Pause(ctx, nodesLook) {
			return fmt.Errorf("%d of %d nodes are ready: %w", ready, *manyNodes, ctx.Err())
		}
	}
	to.add("nodes.registered", time.Since(began).Seconds(), "s", c.conditions("all started at once"))
	return nil
}

// start starts the nodes.
func (c *crowd) start(ctx context.Context) error {
	c.nodes = make([]*simnode.Node, *manyNodes)
	starting, ctx := errgroup.WithContext(ctx)
	starting.SetLimit(nodeStarters)
	for i := range c.nodes {
		starting.Go(func() error {
			node, err := c.node(i)
			c.nodes[i] = node
			return errors.Join(err, ctx.Err())
		})
	}
	return starting.Wait()
}

func (c *crowd) node(i int) (*simnode.Node, error) {
	dir := filepath.Join(c.dir, fmt.Sprint(i))
	if err := os.Mkdir(dir, 0o700); err != nil {
		return nil, err
	}
	return simnode.Start(simnode.Config{
		Dir:         dir,
		Name:        fmt.Sprint("node-", i),
		Zone:        fmt.Sprint("zone-", i%3),
		Servers:     []string{c.leader.conn.Target()},
		Connections: c.connections,
		Script:      func(*agentv1.AssignedWorker) simnode.Program { return simnode.Exits(0, "") },
	})
}

// measureIdle measures what nodes cost that only renew their leases.
func (c *crowd) measureIdle(ctx context.Context, to *figures) error {
	before := usedCPU()
	began := time.Now()
	if !every.Pause(ctx, idleFor) {
		return ctx.Err()
	}
	used := (usedCPU() - before).Seconds() / time.Since(began).Seconds()
	to.add("nodes.idle.cores", used, "cores", c.conditions("nothing runs"))
	var memory runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&memory)
	to.add("nodes.idle.heap", float64(memory.HeapAlloc)/(1<<20), "MiB", c.conditions("nothing runs"))
	return nil
}

// usedCPU returns the time that this process has computed.
func usedCPU() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return 0
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// measureRuns submits runs, and waits for all their ends. If one cannot be submitted, it waits for no end.
func (c *crowd) measureRuns(ctx context.Context, to *figures) error {
	submitting, ctx := errgroup.WithContext(ctx)
	submitting.SetLimit(nodeCallers + 1) // and one that waits for the ends
	submit, err := newSubmitter(ctx, c.leader.conn.Target())
	if err != nil {
		return err
	}
	defer func() { _ = submit.close() }()
	began := time.Now()
	submitting.Go(func() error { return submit.ends(nodeRuns) })
	for range nodeRuns {
		submitting.Go(func() error { return submit.one(ctx) })
	}
	if err := submitting.Wait(); err != nil {
		return err
	}
	rate := nodeRuns / time.Since(began).Seconds()
	to.add("nodes.runs", rate, "runs/s", c.conditions(
		"%d runs of one driver, from the first StartJobRun of %d callers to the last end", nodeRuns, nodeCallers))
	return nil
}

// one submits a run.
func (s *submitter) one(ctx context.Context) error {
	_, err := controlv1.NewJobRunServiceClient(s.conn).StartJobRun(ctx, &controlv1.StartJobRunRequest{
		ApplicationId: s.application,
		Spec:          sleeping(),
	})
	return err
}

// ends waits for the ends of so many runs.
func (s *submitter) ends(runs int) error {
	for runs > 0 {
		event, err := s.watch.Recv()
		switch {
		case err != nil:
			return err
		case event.GetKind() != "JobRunEnded":
		case event.GetState() != "SUCCESS":
			return fmt.Errorf("run %s ended %s", event.GetJobRunId(), event.GetState())
		default:
			runs--
		}
	}
	return nil
}

// close ends the nodes.
func (c *crowd) close() (err error) {
	for _, node := range c.nodes {
		if node != nil {
			err = errors.Join(err, node.Close())
		}
	}
	return errors.Join(err, c.connections.Close(), os.RemoveAll(c.dir))
}
