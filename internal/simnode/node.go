package simnode

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/headrace/headrace/agent"
	"github.com/headrace/headrace/agent/engine"
	"github.com/headrace/headrace/agent/runtime/memory"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
)

// Node is a simulated node. Its methods may be called by many goroutines, but those that cut, heal, crash and close it
// by one.
type Node struct {
	// ID is the node's id, which its agent made.
	ID string

	config   Config
	machine  *memory.Machine
	engine   programs
	releases *releases
	link     *link

	mu      sync.Mutex
	alive   map[string]*Worker // whose programs run, by id
	readers map[string]int     // of logs, by worker
	agent   *agent.Agent       // nil: it has crashed
	end     func() error       // ends the agent and waits for it
}

// Start starts a node. The caller closes it.
func Start(config Config) (*Node, error) {
	config.Ledger = cmp.Or(config.Ledger, NewLedger())
	n := &Node{
		config:   config,
		engine:   programs{memory.NewEngine()},
		releases: &releases{labels: slices.Sorted(slices.Values(config.Releases)), bring: config.Prepare},
		link:     newLink(config.Name, config.Connections),
		alive:    map[string]*Worker{},
		readers:  map[string]int{},
	}
	n.machine = memory.NewMachine(memory.Config{Script: n.play})
	if err := n.boot(); err != nil {
		n.machine.Close()
		return nil, err
	}
	n.ID = n.agent.NodeID()
	return n, nil
}

// boot starts an agent on what the machine has.
func (n *Node) boot() error {
	started, err := agent.New(n.agentConfig(), engine.Engines{Spark: n.engine, Process: n.engine})
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- started.Run(ctx) }()
	n.mu.Lock()
	defer n.mu.Unlock()
	n.agent = started
	n.end = func() error {
		cancel()
		return <-ended
	}
	return nil
}

// halt ends the agent, if it runs. Workers go on.
func (n *Node) halt() error {
	n.mu.Lock()
	end := n.end
	n.agent = nil
	n.end = nil
	n.mu.Unlock()
	if end == nil {
		return nil
	}
	return end()
}

// Close ends the node, as a loss of power does: no server hears of it. It waits for all that runs.
func (n *Node) Close() error {
	n.link.cut()
	err := n.halt()
	n.machine.Close()
	return errors.Join(err, n.link.close())
}

// CutOff separates the node from all servers. Its workers go on until its lease ends.
func (n *Node) CutOff() { n.link.cut() }

// Heal ends CutOff, and boots a node that has crashed.
func (n *Node) Heal() error {
	n.link.heal()
	n.mu.Lock()
	crashed := n.agent == nil
	n.mu.Unlock()
	if !crashed {
		return nil
	}
	return n.boot()
}

// Crash cuts the node off, and its agent and its workers are gone without a word, as when its machine loses power.
func (n *Node) Crash() error {
	n.link.cut()
	err := n.halt()
	n.machine.Crash()
	return err
}

// Live returns the workers whose programs run, by id.
func (n *Node) Live() []*Worker {
	n.mu.Lock()
	defer n.mu.Unlock()
	return slices.SortedFunc(maps.Values(n.alive), func(a, b *Worker) int { return strings.Compare(a.ID, b.ID) })
}

// Slots returns the pre-initialised slots that the node holds, by id; none if it has crashed.
func (n *Node) Slots() []*agentv1.AssignedSlot {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.agent == nil {
		return nil
	}
	return n.agent.Slots()
}

// Fenced returns the workers that the cluster did not know.
func (n *Node) Fenced() []string { return n.link.allFenced() }

// demand tells the leader what a Spark driver wants.
func (n *Node) demand(wanted *agentv1.Demand) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.agent != nil {
		n.agent.SetDemand(wanted)
	}
}
